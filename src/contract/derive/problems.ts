/** What is wrong with an input, in words: Zod's issues as "path: Expected …, found …." with the allowed names. */
import type { z } from 'zod';
import { schemaAt, type JsonSchema } from './json-schema';
import { nearest } from './nearest';

export interface Problem {
  /** `options.conflicts`, `prices[2]`; empty for the whole input. */
  readonly path: string;
  readonly message: string;
}

/** A problem with its path still in steps, for callers that look up a position in a file. */
export interface LocatedProblem extends Problem {
  readonly steps: readonly PropertyKey[];
  /** Set where a name itself is wrong rather than its value. */
  readonly unknownKey: boolean;
}

type Issue = z.core.$ZodIssue;

/** One problem per fact; unknown names come one by one. */
export function describeIssues(
  issues: readonly Issue[],
  input: unknown,
  document: JsonSchema,
): readonly LocatedProblem[] {
  return issues.flatMap((issue) => describe(issue, [], input, document));
}

/** A message for people: the first few problems in one line. */
export function summarize(problems: readonly Problem[], limit = 5): string {
  const shown = problems.slice(0, limit).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  const rest = problems.length - shown.length;
  return rest > 0 ? `${shown.join(' ')} And ${rest} more.` : shown.join(' ');
}

export function formatPath(steps: readonly PropertyKey[]): string {
  return steps.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
}

function describe(issue: Issue, base: readonly PropertyKey[], input: unknown, document: JsonSchema): LocatedProblem[] {
  const steps = [...base, ...issue.path];
  const found = asWritten(valueAt(input, steps), schemaAt(document, steps));
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, steps, document);
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branch = closestBranch(issue.errors, found);
    if (branch !== undefined) return branch.flatMap((inner) => describe(inner, steps, input, document));
  }
  const message =
    found === undefined && issue.code !== 'custom'
      ? `${expectation(issue, schemaAt(document, steps))}, found nothing.`
      : isOwnMessage(issue)
        ? `${issue.message.replace(/\.$/, '')}${issue.code === 'custom' ? '' : `, found ${show(found)}`}.`
        : `${expectation(issue, schemaAt(document, steps))}, found ${show(found)}.`;
  return [{ steps, path: formatPath(steps), message, unknownKey: false }];
}

function unknownKeys(keys: readonly string[], steps: readonly PropertyKey[], document: JsonSchema): LocatedProblem[] {
  const schema = schemaAt(document, steps);
  const branches = [schema, ...(schema?.anyOf ?? [])];
  const allowed = branches.flatMap((branch) => Object.keys(branch?.properties ?? {}));
  return keys.map((key) => {
    const meant = nearest(key, allowed);
    const expected = allowed.length === 0 ? 'no fields here' : `one of ${allowed.join(', ')}`;
    return {
      steps: [...steps, key],
      path: formatPath([...steps, key]),
      message: `Expected ${expected}, found the unknown name "${key}".${meant === undefined ? '' : ` Did you mean "${meant}"?`}`,
      unknownKey: true,
    };
  });
}

/** The branch that the value was most probably meant for: right basic type first, then fewest issues. */
function closestBranch(branches: readonly (readonly Issue[])[], found: unknown): readonly Issue[] | undefined {
  const scored = branches
    .filter((branch) => branch.length > 0)
    .map((branch) => {
      const wrongType = branch.some(
        (issue) => issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value'),
      );
      return { branch, score: (wrongType ? 1000 : 0) + branch.length };
    })
    .sort((a, b) => a.score - b.score);
  return found === undefined || scored.length === 0 || scored[0].score >= 1000 ? undefined : scored[0].branch;
}

function isOwnMessage(issue: Issue): boolean {
  return issue.code === 'custom' || issue.message.startsWith('Expected ');
}

function expectation(issue: Issue, schema: JsonSchema | undefined): string {
  switch (issue.code) {
    case 'invalid_type':
      return `Expected ${typeName(issue.expected, schema)}`;
    case 'invalid_value':
      return `Expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((value) => String(value)).join(', ')}`;
    case 'too_small':
      return `Expected ${sizeWords(issue.origin)}${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(schema)}`;
    case 'too_big':
      return `Expected ${sizeWords(issue.origin)}${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(schema)}`;
    case 'invalid_format':
      return `Expected ${FORMATS[issue.format] ?? `text in the form ${issue.format}`}`;
    case 'not_multiple_of':
      return `Expected a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return `Expected ${unionWords(schema)}`;
    default:
      return issue.message.replace(/\.$/, '');
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  date: 'a date as YYYY-MM-DD',
  datetime: 'a time as YYYY-MM-DDThh:mm:ssZ',
  'date-time': 'a time as YYYY-MM-DDThh:mm:ssZ',
};

const TYPES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'nothing',
  file: 'a file',
};

function typeName(expected: string, schema: JsonSchema | undefined): string {
  const choices = schema?.enum;
  if (choices !== undefined) return `one of ${choices.map(String).join(', ')}`;
  const format = expected === 'string' ? FORMATS[schema?.format ?? ''] : undefined;
  return `${format ?? TYPES[expected] ?? expected}${unitOf(schema)}`;
}

function unionWords(schema: JsonSchema | undefined): string {
  const names = (schema?.anyOf ?? []).map((branch) =>
    branch.const === undefined ? (TYPES[String(branch.type)] ?? 'an object') : JSON.stringify(branch.const),
  );
  return names.length === 0 ? 'another kind of value' : [...new Set(names)].join(' or ');
}

function sizeWords(origin: string): string {
  if (origin === 'string') return 'text with a length of ';
  return origin === 'array' || origin === 'set' ? 'a number of items of ' : '';
}

function unitOf(schema: JsonSchema | undefined): string {
  return schema?.unit === undefined ? '' : ` (${schema.unit})`;
}

function valueAt(input: unknown, steps: readonly PropertyKey[]): unknown {
  let current = input;
  for (const step of steps) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = Reflect.get(current, step);
  }
  return current;
}

/** A query string carries numbers as text; the message is the same by every road. */
function asWritten(found: unknown, schema: JsonSchema | undefined): unknown {
  const numeric = schema?.type === 'integer' || schema?.type === 'number';
  return numeric && typeof found === 'string' && /^-?\d+(\.\d+)?$/.test(found) ? Number(found) : found;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return Array.isArray(value) ? `a list of ${value.length}` : 'an object';
}
