/**
 * Requests made from an OpenAPI document: valid ones by its schemas, and what callers get wrong (missing, extra, of another
 * type, huge, deeply nested, NaN, negative, twice, out of range, of hostile text), anywhere in them.
 */
import fc from 'fast-check';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface FuzzedRequest {
  readonly operation: string;
  /** The mistake that was made. */
  readonly mistake: string;
  readonly method: string;
  /** With query, below the prefix of the API. */
  readonly target: string;
  /** Raw text; undefined for none. */
  readonly body: string | undefined;
}

/** Words that name something in the workspace, by the name of the field; so that requests reach behind the first look-up. */
export type KnownWords = Readonly<Record<string, readonly string[]>>;

const HOSTILE_TEXT = [
  '',
  ' ',
  '\u0000',
  '\u202e',
  '\ud800',
  '../../../../etc/passwd',
  '/dev/null',
  '/proc/self/mem',
  "'; DROP TABLE runs; --",
  '%_%',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'toString',
  'NaN',
  'Infinity',
  '-1',
  '1e999',
  '9007199254740993',
  '0x10',
  '٣',
  '2024-02-30',
  '9999-12-31',
  '-000001-01-01',
  's3://',
  's3://x',
  'file:///etc/passwd',
  'latest',
  'x'.repeat(70_000),
  '😀'.repeat(400),
];

const WRONG: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...HOSTILE_TEXT),
  fc.constantFrom<unknown>(null, true, false, 0, -0, -1, 1.5, 1e308, -1e308, 5e-324, 2 ** 53, -(2 ** 31) - 1),
  fc.constantFrom<unknown>([], {}, [[]], [null], [{}], { __proto__: 1 }, { length: 1e9 }),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.integer(), { maxLength: 3 }),
);

const nested = (depth: number, inner: unknown, list: boolean): unknown => {
  let value = inner;
  for (let i = 0; i < depth; i++) value = list ? [value] : { a: value };
  return value;
};

export function resolve(schema: Schema, document: ApiDocument): Schema {
  if (schema.$ref === undefined) return schema;
  const name = schema.$ref.split('/').at(-1) ?? '';
  const { $ref: _ref, ...beside } = schema;
  return { ...resolve(document.components.schemas[name] ?? {}, document), ...beside };
}

/** Values that fit a schema; patterns are met only by what is known. */
export function fitting(
  raw: Schema,
  document: ApiDocument,
  known: KnownWords,
  name = '',
  depth = 0,
): fc.Arbitrary<unknown> {
  const schema = resolve(raw, document);
  const words = known[name];
  if (words !== undefined && words.length > 0 && schema.type !== 'array') return fc.constantFrom<unknown>(...words);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom<unknown>(...schema.enum);
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) {
    return fc.oneof(...branches.map((branch) => fitting(branch, document, known, name, depth + 1)));
  }
  const given = [...(schema.examples ?? []), ...(schema.default === undefined ? [] : [schema.default])];
  const own = fittingType(schema, document, known, name, depth);
  return given.length === 0 ? own : fc.oneof(fc.constantFrom<unknown>(...given), own);
}

function fittingType(
  schema: Schema,
  document: ApiDocument,
  known: KnownWords,
  name: string,
  depth: number,
): fc.Arbitrary<unknown> {
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  switch (type) {
    case 'object': {
      const properties = Object.entries(schema.properties ?? {});
      const fields = Object.fromEntries(
        properties.map(([key, property]) => [key, fitting(property, document, known, key, depth + 1)]),
      );
      const required = properties.map(([key]) => key).filter((key) => schema.required?.includes(key));
      return fc.record(fields, { requiredKeys: required });
    }
    case 'array':
      return fc.array(
        schema.items === undefined ? fc.constant(null) : fitting(schema.items, document, known, name, depth + 1),
        {
          maxLength: 3,
        },
      );
    case 'integer':
      return fc.integer({
        min: clamp(schema.minimum, -10),
        max: Math.max(clamp(schema.minimum, -10), clamp(schema.maximum, 500)),
      });
    case 'number':
      return fc.double({
        min: clamp(schema.minimum, -10),
        max: Math.max(clamp(schema.minimum, -10), clamp(schema.maximum, 500)),
        noNaN: true,
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return schema.format === 'date'
        ? fc.constantFrom<unknown>('2020-01-02', '2023-06-30', '1990-01-01')
        : fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom<unknown>('sample', 'latest', 'a'));
  }
}

const clamp = (limit: number | undefined, otherwise: number): number =>
  limit === undefined || Math.abs(limit) > 1e6 ? otherwise : limit;

type Steps = readonly (string | number)[];

/** Every place in a value, the root first. */
function places(value: unknown, at: Steps = []): Steps[] {
  if (Array.isArray(value)) return [at, ...value.flatMap((item, i) => places(item, [...at, i]))];
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, item]) => places(item, [...at, key]))];
}

/** A copy with the place changed; undefined takes it out. */
function put(value: unknown, [first, ...rest]: Steps, next: unknown): unknown {
  if (first === undefined) return next;
  if (Array.isArray(value)) return value.map((item: unknown, i) => (i === first ? put(item, rest, next) : item));
  const copy: Record<string, unknown> = { ...Object(value) };
  if (rest.length === 0 && next === undefined) delete copy[first];
  else copy[first] = put(copy[first], rest, next);
  return copy;
}

function get(value: unknown, steps: Steps): unknown {
  return steps.reduce<unknown>((current, step) => Reflect.get(Object(current), step), value);
}

interface Mistake {
  readonly name: string;
  make(value: unknown, at: Steps, wrong: unknown): unknown;
}

const MISTAKES: readonly Mistake[] = [
  { name: 'none', make: (value) => value },
  { name: 'missing', make: (value, at) => put(value, at, undefined) },
  { name: 'wrong', make: (value, at, wrong) => put(value, at, wrong) },
  { name: 'wrong again', make: (value, at, wrong) => put(value, at, wrong) },
  { name: 'extra', make: (value, at, wrong) => put(value, [...at, 'surprise'], wrong) },
  {
    name: 'negative',
    make: (value, at) => put(value, at, typeof get(value, at) === 'number' ? -Number(get(value, at)) - 1 : -1),
  },
  { name: 'too large', make: (value, at) => put(value, at, 1e15) },
  { name: 'huge text', make: (value, at) => put(value, at, 'x'.repeat(300_000)) },
  {
    name: 'huge list',
    make: (value, at) =>
      put(
        value,
        at,
        Array.from({ length: 20_000 }, (_, i) => i),
      ),
  },
  { name: 'deep list', make: (value, at, wrong) => put(value, at, nested(50, wrong, true)) },
  { name: 'deep object', make: (value, at, wrong) => put(value, at, nested(50, wrong, false)) },
  { name: 'too deep', make: (value, at, wrong) => put(value, at, nested(500, wrong, true)) },
  {
    name: 'twice',
    make: (value, at) => {
      const found = get(value, at);
      return put(value, at, Array.isArray(found) ? [...(found as unknown[]), ...(found as unknown[])] : [found, found]);
    },
  },
];

/** What happens to the text of a body after that. */
const TEXT_MISTAKES: readonly ((text: string) => string)[] = [
  ...Array.from({ length: 12 }, () => (text: string) => text),
  (text) => text.slice(0, -1),
  (text) => text.replace(/-?\d+(\.\d+)?/, 'NaN'),
  (text) => text.replace(/-?\d+(\.\d+)?/, '1e999'),
  (text) => `\ufeff${text}`,
  (text) => text.replace('{', '{"__proto__":{"polluted":true},'),
  (text) => text.replace(/^\{("[^"]+":)/, '{$1null,$1'),
  (text) => `${text}${text}`,
  () => '"text"',
  () => 'null',
];

/** Requests to every operation of the document but those named. */
export function fuzzedRequests(
  document: ApiDocument,
  options: { readonly known: KnownWords; readonly without: readonly string[] },
): fc.Arbitrary<FuzzedRequest> {
  const requests = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { operationId }]) => !options.without.includes(operationId))
      .map(([method, operation]) => requestsTo(document, path, method.toUpperCase(), operation, options.known)),
  );
  return fc.oneof(...requests);
}

function requestsTo(
  document: ApiDocument,
  path: string,
  method: string,
  operation: Operation,
  known: KnownWords,
): fc.Arbitrary<FuzzedRequest> {
  const parameters = operation.parameters ?? [];
  const body = operation.requestBody?.content['application/json']?.schema;
  const record = (place: string) => {
    const own = parameters.filter((parameter) => parameter.in === place);
    const fields = own.map(({ name, schema }) => [name, fitting(schema, document, known, name)]);
    const required = own.filter((parameter) => parameter.required === true).map(({ name }) => name);
    return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: required });
  };
  return fc
    .record({
      inPath: record('path'),
      query: record('query'),
      body: body === undefined ? fc.constant(undefined) : fitting(body, document, known),
      mistake: fc.constantFrom(...MISTAKES),
      where: fc.nat(),
      wrong: WRONG,
      text: fc.constantFrom(...TEXT_MISTAKES),
    })
    .map(({ inPath, query, body: fits, mistake, where, wrong, text }) => {
      const whole: Record<string, unknown> = { inPath, query, ...(fits === undefined ? {} : { body: fits }) };
      const all = places(whole).filter((at) => at.length > (at[0] === 'body' ? 0 : 1));
      const changed = Object(
        all.length === 0 ? whole : mistake.make(whole, all[where % all.length], wrong),
      ) as typeof whole;
      const json = changed.body === undefined ? undefined : JSON.stringify(changed.body);
      return {
        operation: operation.operationId,
        mistake: mistake.name,
        method,
        target: `${fill(path, Object(changed.inPath))}${queryOf(Object(changed.query))}`,
        body: json === undefined ? undefined : text(json),
      };
    });
}

/** Longer ones are refused by the size of the head, and nothing behind it is reached. */
const LONGEST = 1_500;

function fill(path: string, values: Record<string, unknown>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encode(values[name] ?? 'x') || '%20');
}

function queryOf(values: Record<string, unknown>): string {
  const parts = Object.entries(values).flatMap(([name, value]) => pairs(name, value));
  const text = parts.map(([name, value]) => `${encodeURIComponent(name)}=${value}`).join('&');
  return text === '' ? '' : `?${text}`;
}

function pairs(name: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) return value.slice(0, 40).flatMap((item: unknown, i) => pairs(`${name}[${i}]`, item));
  if (typeof value !== 'object' || value === null) return [[name, encode(value)]];
  return Object.entries(value).flatMap(([key, item]) => pairs(`${name}[${key}]`, item));
}

/** A lone surrogate cannot be written in a URL; a replacement stands for it. */
function encode(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return encodeURIComponent(text.slice(0, LONGEST).toWellFormed());
}
