/**
 * The fields of an operation's input, flattened: one list from which the command line makes flags and the screen makes forms.
 * Nested objects become dotted names; what a single widget or flag cannot hold (records, lists of objects) is JSON.
 */
import { resolveReference, type JsonSchema } from './json-schema';

export type FieldKind = 'text' | 'number' | 'integer' | 'boolean' | 'choice' | 'date' | 'list' | 'json' | 'file';

export interface Field {
  /** Where the value goes: `['options', 'conflicts']`. */
  readonly path: readonly string[];
  /** The same with dots: `options.conflicts`. */
  readonly name: string;
  readonly kind: FieldKind;
  /** What a list holds. */
  readonly item: 'text' | 'number' | 'integer' | 'choice' | undefined;
  /** A list that may also be written as one plain value. */
  readonly scalarAllowed: boolean;
  readonly choices: readonly string[];
  readonly required: boolean;
  readonly nullable: boolean;
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly unit: string | undefined;
  readonly default: unknown;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly examples: readonly unknown[];
}

/** Fields of an object schema in the order in which they are declared. */
export function fieldsOf(document: JsonSchema): readonly Field[] {
  return collect(resolveReference(document, document), document, [], true);
}

function collect(schema: JsonSchema, document: JsonSchema, path: readonly string[], reachable: boolean): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, raw]) => {
    const property = resolveReference(raw, document);
    const required = reachable && property.default === undefined && (schema.required?.includes(name) ?? false);
    return fieldsOfProperty(property, document, [...path, name], required);
  });
}

function fieldsOfProperty(schema: JsonSchema, document: JsonSchema, path: string[], required: boolean): Field[] {
  const branches = (schema.anyOf ?? []).map((branch) => resolveReference(branch, document));
  const object = [schema, ...branches].find((branch) => branch.properties !== undefined);
  if (object === undefined) return [leaf(schema, branches, path, required)];
  const nullable = branches.some((branch) => branch.type === 'null');
  const nested = collect(object, document, path, required);
  return nullable ? [leaf(schema, branches, path, required), ...nested] : nested;
}

function leaf(schema: JsonSchema, branches: readonly JsonSchema[], path: string[], required: boolean): Field {
  const own = [schema, ...branches.filter((branch) => branch.type !== 'null')];
  const list = own.find((branch) => branch.type === 'array');
  const item = list?.items === undefined ? undefined : scalarKind(list.items);
  const scalar = own.find((branch) => branch !== list && scalarKind(branch) !== 'json') ?? schema;
  const listOfScalars = item === 'text' || item === 'number' || item === 'integer' || item === 'choice';
  return {
    path,
    name: path.join('.'),
    kind: list === undefined ? scalarKind(scalar) : listOfScalars ? 'list' : 'json',
    item: listOfScalars ? item : undefined,
    scalarAllowed: list !== undefined && own.some((branch) => branch !== list && scalarKind(branch) !== 'json'),
    choices: (scalar.enum ?? list?.items?.enum ?? []).map(String),
    required,
    nullable: branches.some((branch) => branch.type === 'null'),
    title: schema.title ?? scalar.title,
    description: schema.description ?? scalar.description,
    unit: schema.unit ?? scalar.unit,
    default: schema.default,
    minimum: scalar.minimum ?? scalar.exclusiveMinimum,
    maximum: largest(scalar),
    examples: schema.examples ?? [],
  };
}

/** Zod writes the largest safe integer where no limit was stated; that is no fact worth showing. */
function largest(schema: JsonSchema): number | undefined {
  const limit = schema.maximum ?? schema.exclusiveMaximum;
  return limit === Number.MAX_SAFE_INTEGER ? undefined : limit;
}

function scalarKind(schema: JsonSchema): FieldKind {
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  if (schema.format === 'binary' || schema.contentEncoding === 'binary') return 'file';
  if (schema.enum !== undefined) return 'choice';
  if (types.includes('boolean')) return 'boolean';
  if (types.includes('integer')) return 'integer';
  if (types.includes('number')) return 'number';
  if (types.includes('string')) return schema.format === 'date' ? 'date' : 'text';
  return 'json';
}
