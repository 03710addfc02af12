/** Words of a command line to an input object: positions, flags, lists, switches, `@FILE` for JSON. */
import { readFileSync } from 'node:fs';
import { AppError } from '#base/errors';
import type { Field } from '#contract/derive/fields';
import { findField, isSwitch, parseFlagValue, plainName, unknownFlag } from '#contract/derive/flags';

export interface ParsedArguments {
  /** Input for the operation, nested as the fields say. */
  readonly input: Record<string, unknown>;
  /** Values of the flags that only the command line knows, by name. */
  readonly local: Readonly<Record<string, unknown>>;
}

export interface ArgumentRules {
  readonly fields: readonly Field[];
  readonly positional: readonly string[];
  /** Flags that are not part of the input. */
  readonly local: readonly Field[];
  /** What to try next, for messages: `sextant runs start --help`. */
  readonly help: string;
}

/** Errors: BAD_REQUEST naming the word, what was expected and the nearest name. */
export function parseArguments(words: readonly string[], rules: ArgumentRules): ParsedArguments {
  const input: Record<string, unknown> = {};
  const local: Record<string, unknown> = {};
  const positions: string[] = [];
  let onlyPositions = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (onlyPositions || !word.startsWith('--') || word.length === 2) {
      if (word === '--' && !onlyPositions) onlyPositions = true;
      else positions.push(word);
      continue;
    }
    const equals = word.indexOf('=');
    const name = word.slice(2, equals < 0 ? undefined : equals);
    const { field, isLocal, negated } = resolveFlag(name, rules);
    let text = equals < 0 ? undefined : word.slice(equals + 1);
    if (text === undefined && isSwitch(field)) {
      const next = words[i + 1];
      text = next === 'true' || next === 'false' ? words[++i] : 'true';
      if (negated) text = text === 'true' ? 'false' : 'true';
    } else if (text === undefined) {
      text = words[++i];
      if (text === undefined) throw badCall(`Expected a value after --${name}, found nothing.`, rules);
    }
    put(isLocal ? local : input, field, valueOf(field, `--${field.name}`, text, rules));
  }
  placePositions(positions, input, rules);
  return { input, local };
}

function resolveFlag(name: string, rules: ArgumentRules): { field: Field; isLocal: boolean; negated: boolean } {
  const localField = rules.local.find((field) => plainName(field.name) === plainName(name));
  if (localField !== undefined) return { field: localField, isLocal: true, negated: false };
  const field = findField(rules.fields, name);
  if (field !== undefined) return { field, isLocal: false, negated: false };
  if (name.startsWith('no-')) {
    const plain = name.slice('no-'.length);
    const localSwitch = rules.local.find((item) => plainName(item.name) === plainName(plain));
    const positive = localSwitch ?? findField(rules.fields, plain);
    if (positive !== undefined && isSwitch(positive)) {
      return { field: positive, isLocal: localSwitch !== undefined, negated: true };
    }
  }
  throw badCall(
    unknownFlag(
      rules.fields,
      name,
      rules.local.map((item) => item.name),
    ),
    rules,
  );
}

function placePositions(positions: readonly string[], input: Record<string, unknown>, rules: ArgumentRules): void {
  let next = 0;
  for (const name of rules.positional) {
    const field = rules.fields.find((item) => item.name === name);
    if (field === undefined || next >= positions.length) continue;
    const taken = field.kind === 'list' ? positions.slice(next) : positions.slice(next, next + 1);
    for (const text of taken) put(input, field, valueOf(field, `<${name}>`, text, rules));
    next += taken.length;
  }
  if (next < positions.length) {
    const expected = rules.positional.length === 0 ? 'no further arguments' : `<${rules.positional.join('> <')}>`;
    throw badCall(`Expected ${expected}, found "${positions[next]}" as well.`, rules);
  }
}

/** Errors: BAD_REQUEST naming every required field that is absent. */
export function requireFields(input: Readonly<Record<string, unknown>>, rules: ArgumentRules): void {
  const missing = rules.fields.filter((field) => field.required && !isPresent(input, field.path));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => (rules.positional.includes(name) ? `<${name}>` : `--${name}`));
  throw badCall(`Expected ${names.join(' and ')}, found nothing.`, rules);
}

function isPresent(input: unknown, path: readonly string[]): boolean {
  let current = input;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return false;
    current = Reflect.get(current, step);
  }
  return true;
}

function valueOf(field: Field, shown: string, text: string, rules: ArgumentRules): unknown {
  if (field.nullable && text === 'null') return null;
  const content = field.kind === 'json' && text.startsWith('@') ? readText(text.slice(1)) : text;
  const parsed = parseFlagValue(field, content);
  if ('value' in parsed) return parsed.value;
  throw badCall(`Expected ${parsed.expected} for ${shown}, found ${JSON.stringify(text)}.`, rules);
}

function put(target: Record<string, unknown>, field: Field, value: unknown): void {
  let holder = target;
  for (const step of field.path.slice(0, -1)) {
    const inner = holder[step];
    const next: Record<string, unknown> = isRecord(inner) ? inner : {};
    holder[step] = next;
    holder = next;
  }
  const last = field.path[field.path.length - 1];
  const before = holder[last];
  if (field.kind !== 'list') holder[last] = value;
  else if (before === undefined) holder[last] = field.scalarAllowed ? value : [value];
  else holder[last] = Array.isArray(before) ? [...before, value] : [before, value];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('IO', `Expected to read ${path}, found: ${reason}.`, { cause });
  }
}

function badCall(message: string, rules: ArgumentRules): AppError {
  return new AppError('BAD_REQUEST', `${message} See ${rules.help}.`);
}
