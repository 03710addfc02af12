/** Form fields from a JSON Schema: title, unit, help and bounds come from it; an empty field leaves the value out. */
import { NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { words } from '#renderer/format';
import { defaultText, type FieldSchema } from '#renderer/json-schema';

export interface FieldProps {
  readonly name: string;
  readonly schema: FieldSchema;
  /** What was written; undefined where nothing was. */
  readonly value: unknown;
  readonly change: (value: unknown) => void;
}

const titleOf = (name: string, schema: FieldSchema) => schema.title ?? words(name);

function helpOf(schema: FieldSchema): string | undefined {
  const parts = [schema.unit, schema.description].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? undefined : parts.join(' · ');
}

function numberOf(value: unknown): number | '' {
  return typeof value === 'number' ? value : '';
}

/** The choice that leaves an optional field out. */
const UNSET = 'not set';

export function SchemaField({ name, schema, value, change }: FieldProps) {
  const label = titleOf(name, schema);
  const description = helpOf(schema);
  if (schema.enum !== undefined) {
    return (
      <Select
        label={label}
        description={description}
        data={[
          ...(schema.default === undefined ? [UNSET] : []),
          ...schema.enum.map((option) => ({ value: String(option), label: option === '\t' ? 'tab' : String(option) })),
        ]}
        value={String(value ?? schema.default ?? UNSET)}
        onChange={(chosen) => change(chosen === schema.default || chosen === UNSET ? undefined : chosen)}
      />
    );
  }
  if (schema.type === 'boolean') {
    return (
      <Switch
        label={label}
        description={description}
        checked={value === undefined ? schema.default === true : value === true}
        onChange={(event) => change(event.currentTarget.checked)}
      />
    );
  }
  if (schema.type === 'number' || schema.type === 'integer') {
    return (
      <NumberInput
        label={label}
        description={description}
        placeholder={defaultText(schema) ?? UNSET}
        allowDecimal={schema.type === 'number'}
        value={numberOf(value)}
        onChange={(next) => change(typeof next === 'number' ? next : undefined)}
      />
    );
  }
  if (schema.type === 'string') {
    return (
      <TextInput
        label={label}
        description={description}
        placeholder={defaultText(schema) ?? (schema.format === 'date' ? '2020-12-31' : UNSET)}
        value={typeof value === 'string' ? value : ''}
        onChange={(event) => change(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      />
    );
  }
  return null;
}

const SIMPLE = new Set(['boolean', 'number', 'integer', 'string']);

export const isSimple = (schema: FieldSchema) =>
  schema.enum !== undefined || (schema.type !== undefined && SIMPLE.has(schema.type));

export interface SchemaFieldsProps {
  readonly schema: FieldSchema;
  readonly value: unknown;
  readonly change: (name: string, value: unknown) => void;
  /** Fields drawn elsewhere. */
  readonly without?: readonly string[];
}

/** All simple fields of a section. */
export function SchemaFields({ schema, value, change, without = [] }: SchemaFieldsProps) {
  const written = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}; // checked here
  const fields = Object.entries(schema.properties ?? {}).filter(
    ([name, field]) => !without.includes(name) && isSimple(field),
  );
  return (
    <div className="fields">
      {fields.map(([name, field]) => (
        <SchemaField
          key={name}
          name={name}
          schema={field}
          value={written[name]}
          change={(next) => change(name, next)}
        />
      ))}
    </div>
  );
}
