/**
 * Flags of the command line, made from fields: how they are spelled, matched and turned into values. Pure text work;
 * what a value means is decided by the contract behind the door.
 */
import type { Field } from './fields';
import { nearest } from './nearest';

/** `maxBadShare` and `max-bad-share` are the same flag. */
export function plainName(name: string): string {
  return name.replaceAll('-', '').toLowerCase();
}

/**
 * The field that a flag names: exactly, or by an end of its dotted name that no other field shares
 * (`--conflicts` for `--options.conflicts`).
 */
export function findField(fields: readonly Field[], flag: string): Field | undefined {
  const wanted = plainName(flag);
  const exact = fields.find(({ name }) => plainName(name) === wanted);
  if (exact !== undefined) return exact;
  const ending = fields.filter(({ name }) => plainName(name).endsWith(`.${wanted}`));
  return ending.length === 1 ? ending[0] : undefined;
}

/** What to say about a flag that no field has. */
export function unknownFlag(fields: readonly Field[], flag: string, others: readonly string[]): string {
  const names = [...fields.map(({ name }) => name), ...others];
  const leaves = names.map((name) => name.split('.').at(-1) ?? name);
  const meant = nearest(flag, names) ?? nearest(flag, leaves);
  const hint = meant === undefined ? '' : ` Did you mean --${meant}?`;
  return `Expected a known flag, found --${flag}.${hint}`;
}

/** Whether a flag takes no value of its own: `--active`, `--no-active`. */
export function isSwitch(field: Field): boolean {
  return field.kind === 'boolean';
}

export type ParsedValue = { readonly value: unknown } | { readonly expected: string };

/** Text from a command line as the value of a field; words that cannot be one say what was expected. */
export function parseFlagValue(field: Field, text: string): ParsedValue {
  const kind = field.kind === 'list' ? (field.item ?? 'text') : field.kind;
  switch (kind) {
    case 'number':
    case 'integer': {
      const value = text.trim() === '' ? Number.NaN : Number(text);
      const fits = kind === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value);
      return fits ? { value } : { expected: kind === 'integer' ? 'a whole number' : 'a number' };
    }
    case 'boolean':
      return /^(true|yes|on|1)$/i.test(text)
        ? { value: true }
        : /^(false|no|off|0)$/i.test(text)
          ? { value: false }
          : { expected: 'true or false' };
    case 'choice':
      return isChoice(field, text) ? { value: text } : { expected: `one of ${field.choices.join(', ')}` };
    case 'json':
      try {
        const value: unknown = JSON.parse(text);
        return { value };
      } catch {
        return { expected: 'JSON, or @FILE with JSON in it' };
      }
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(text) ? { value: text } : { expected: 'a date as YYYY-MM-DD' };
    default:
      return { value: text };
  }
}

/** A list that may be written as one text takes several choices with commas between them. */
function isChoice({ kind, scalarAllowed, choices }: Field, text: string): boolean {
  if (choices.includes(text)) return true;
  return kind === 'list' && scalarAllowed && text.split(',').every((part) => choices.includes(part.trim()));
}

/** How a flag is shown in help: `--limit <integer>`. */
export function flagUsage(field: Field): string {
  if (isSwitch(field)) return `--[no-]${field.name}`;
  const value = field.kind === 'choice' ? field.choices.map(visible).join('|') : (field.item ?? field.kind);
  return `--${field.name} <${value}>${field.kind === 'list' ? ' …' : ''}`;
}

/** A tab or a line break as its escape, since in a help text it would only be a gap. */
function visible(choice: string): string {
  return /[\t\r\n]/.test(choice) ? JSON.stringify(choice).slice(1, -1) : choice;
}
