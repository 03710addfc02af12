/**
 * The OpenAPI 3.1 document of the contract: every operation with parameters, bodies, answers, examples and the one form of
 * errors (RFC 9457). Named schemas become components; where reading and writing differ, the written one ends in `Input`.
 */
import { ERROR_CODES } from '#base/errors';
import type { JsonSchema } from './json-schema';
import { exampleOf } from './example';
import { operations, type OperationInfo } from './operations';
import { isTabular, TABLE_FORMATS } from './tables';

type Json = Readonly<Record<string, unknown>>;

const PROBLEM = { $ref: '#/components/schemas/Problem' };

export function openApiDocument(version: string): Json {
  const schemas = new Map<string, unknown>([['Problem', problemSchema()]]);
  const paths: Record<string, Record<string, Json>> = { ...signInPaths() };
  for (const operation of operations) {
    const path = (paths[operation.path] ??= {});
    path[operation.method.toLowerCase()] = describeOperation(operation, schemas);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sextant',
      version,
      summary:
        'Local-first portfolio research: what the screen and the command line can do, over HTTP on this machine.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }, { bearer: [] }],
    tags: [...new Set(operations.map(({ noun }) => noun))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))),
      parameters: sharedParameters(),
      securitySchemes: {
        token: { type: 'apiKey', in: 'header', name: 'X-API-Token' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

function describeOperation(operation: OperationInfo, schemas: Map<string, unknown>): Json {
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
  const input = hoist(operation.input, 'Input', schemas) as JsonSchema; // hoisting changes references only
  const properties = Object.entries(input.properties ?? {});
  const readsBody = operation.method !== 'GET' && properties.some(([name]) => !inPath.includes(name));
  const parameters = properties
    .filter(([name]) => inPath.includes(name) || operation.method === 'GET')
    .map(([name, schema]) => ({
      name,
      in: inPath.includes(name) ? 'path' : 'query',
      required: inPath.includes(name) || (input.required?.includes(name) ?? false),
      ...(schema.title === undefined ? {} : { description: schema.title }),
      schema,
    }));
  return {
    operationId: operation.id,
    summary: operation.summary,
    tags: [operation.noun],
    'x-scope': operation.scope,
    parameters: [...parameters, ...headerParameters(operation)],
    ...(readsBody ? { requestBody: requestBody(operation, input, inPath) } : {}),
    responses: {
      200: { description: 'The answer', content: answerContent(operation, schemas) },
      ...(operation.kind === 'call' && operation.method === 'GET'
        ? { 304: { description: 'What is at hand is still the answer' } }
        : {}),
      default: { description: 'What went wrong', content: { 'application/problem+json': { schema: PROBLEM } } },
    },
  };
}

function requestBody(operation: OperationInfo, input: JsonSchema, inPath: readonly string[]): Json {
  const properties = Object.fromEntries(
    Object.entries(input.properties ?? {}).filter(([name]) => !inPath.includes(name)),
  );
  const required = input.required?.filter((name) => !inPath.includes(name)) ?? [];
  const schema = { type: 'object', properties, additionalProperties: false, ...(required.length > 0 && { required }) };
  const isUpload = Object.values(properties).some(({ format }) => format === 'binary');
  const example = Object.fromEntries(
    Object.entries(Object(exampleOf(operation.input))).filter(([name]) => !inPath.includes(name)),
  );
  const content = isUpload ? { 'multipart/form-data': { schema } } : { 'application/json': { schema, example } };
  return { required: required.length > 0, content };
}

function answerContent(operation: OperationInfo, schemas: Map<string, unknown>): Json {
  const schema = hoist(operation.output, '', schemas);
  if (operation.kind === 'call') {
    const forms = isTabular(operation.id) ? tableContent() : {};
    return { 'application/json': { schema, ...answerExample(operation) }, ...forms };
  }
  const event = { type: 'object', properties: { event: { const: 'message' }, id: { type: 'string' }, data: schema } };
  return { 'text/event-stream': { schema: event } };
}

/** An answer is shown where the schema says enough to make one that would pass. */
function answerExample(operation: OperationInfo): Json {
  const example = exampleOf(operation.output);
  return operation.outputSchema.safeParse(example).success ? { example } : {};
}

/** The other forms of a table, asked for by `Accept` or `?format=`. */
function tableContent(): Json {
  return {
    [TABLE_FORMATS.csv]: { schema: { type: 'string' } },
    [TABLE_FORMATS.parquet]: { schema: { type: 'string', format: 'binary' } },
  };
}

/** What every write and every read understands beside its own input. */
function headerParameters(operation: OperationInfo): Json[] {
  if (operation.kind === 'stream') return [{ $ref: '#/components/parameters/LastEventId' }];
  if (operation.method === 'GET') {
    const format = isTabular(operation.id) ? [{ $ref: '#/components/parameters/Format' }] : [];
    return [...format, { $ref: '#/components/parameters/IfNoneMatch' }];
  }
  const key = operation.once ? 'RequiredIdempotencyKey' : 'IdempotencyKey';
  return [{ $ref: `#/components/parameters/${key}` }, { $ref: '#/components/parameters/IfMatch' }];
}

function sharedParameters(): Record<string, Json> {
  const header = (name: string, description: string, required = false): Json => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  });
  const key =
    'A new random word with every new request, the same one when it is repeated: then it works once and is answered alike.';
  return {
    IdempotencyKey: header('Idempotency-Key', key),
    RequiredIdempotencyKey: header('Idempotency-Key', key, true),
    IfMatch: header('If-Match', 'The ETag that was read: refused with 412 where it has changed since.'),
    IfNoneMatch: header('If-None-Match', 'The ETag that is at hand: answered 304 where it is still the one.'),
    LastEventId: header('Last-Event-ID', 'The id of the last event that was seen: later ones follow, each once.'),
    Format: {
      name: 'format',
      in: 'query',
      required: false,
      description: 'The form of the table; wins over Accept.',
      schema: { type: 'string', enum: ['json', ...Object.keys(TABLE_FORMATS)] },
    },
  };
}

/** Moves a document's named schemas into the components and points its references there. */
function hoist(document: JsonSchema, suffix: string, schemas: Map<string, unknown>): unknown {
  const names = new Map<string, string>();
  for (const [name, schema] of Object.entries(document.$defs ?? {})) {
    const clash = schemas.has(name) && JSON.stringify(schemas.get(name)) !== JSON.stringify(point(schema, new Map()));
    names.set(name, clash ? `${name}${suffix}` : name);
  }
  for (const [name, schema] of Object.entries(document.$defs ?? {})) {
    schemas.set(names.get(name) ?? name, point(schema, names));
  }
  const { $defs: _defs, ...rest } = document;
  return point(rest, names);
}

function point(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => point(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== '$schema')
      .map(([key, item]) => {
        if (key !== '$ref' || typeof item !== 'string') return [key, point(item, names)];
        const name = item.slice('#/$defs/'.length);
        return [key, `#/components/schemas/${names.get(name) ?? name}`];
      }),
  );
}

function problemSchema(): Json {
  return {
    type: 'object',
    description:
      'An error as RFC 9457 describes it, with the code of the closed list and the facts behind the message.',
    properties: {
      type: { type: 'string', examples: ['urn:sextant:error:NOT_FOUND'] },
      title: { type: 'string' },
      status: {
        type: 'integer',
        enum: [...new Set(Object.values(ERROR_CODES).map(({ status }) => status))].sort((a, b) => a - b),
      },
      detail: { type: 'string' },
      code: { type: 'string', enum: Object.keys(ERROR_CODES) },
      data: { type: 'object', additionalProperties: true },
    },
    required: ['type', 'title', 'status', 'detail', 'code'],
  };
}

/** The two routes that exist only on HTTP. */
function signInPaths(): Record<string, Record<string, Json>> {
  const answer = (name: string) => ({
    200: {
      description: 'The answer',
      content: {
        'application/json': {
          schema: { type: 'object', properties: { [name]: { type: 'string' } }, required: [name] },
        },
      },
    },
    default: { description: 'What went wrong', content: { 'application/problem+json': { schema: PROBLEM } } },
  });
  const code = { type: 'object', properties: { code: { type: 'string' } }, required: ['code'] };
  return {
    '/session': {
      post: {
        operationId: 'session.create',
        summary: 'Swap a one-time code for a session token',
        security: [],
        requestBody: { required: true, content: { 'application/json': { schema: code } } },
        responses: answer('token'),
      },
    },
    '/session/code': {
      post: {
        operationId: 'session.code',
        summary: 'A one-time code for another screen; it works once, within a minute',
        responses: answer('code'),
      },
    },
  };
}
