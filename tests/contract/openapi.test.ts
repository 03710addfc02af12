import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '#base/errors';
import { exampleOf } from '#contract/derive/example';
import { openApiDocument } from '#contract/derive/openapi';
import { operations } from '#contract/derive/operations';

type Json = Record<string, unknown>;
interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Json & { responses: Json; parameters?: Json[]; requestBody?: Json }>>;
  readonly components: { readonly schemas: Record<string, Json>; readonly securitySchemes: Json };
  readonly security: readonly Json[];
}

const document = JSON.parse(JSON.stringify(openApiDocument('1.2.3'))) as OpenApi; // as a reader gets it

const byText = (a: unknown, b: unknown): number => String(a).localeCompare(String(b));

function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === '$ref' && typeof item === 'string' ? [item] : references(item),
  );
}

describe('the OpenAPI document', () => {
  test('passes a validator that knows nothing of us', async () => {
    const { errors, valid } = await new Validator().validate({ ...structuredClone(document) });
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    const broken = structuredClone(document);
    Object.assign(broken.paths['/runs'].get, { responses: 'none' });
    expect((await new Validator().validate({ ...broken })).valid).toBe(false);
  });

  test('shows answers that the contract would give', () => {
    const shown = operations.filter(({ path, method }) => {
      const answer = document.paths[path][method.toLowerCase()].responses['200'];
      return JSON.stringify(answer).includes('"example":');
    });
    expect(shown.length).toBeGreaterThan(operations.length * 0.9);
  });

  test('is version 3.1 and holds every operation at its path and method', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    for (const { id, path, method, summary } of operations) {
      expect(document.paths[path]?.[method.toLowerCase()], id).toMatchObject({ operationId: id, summary });
    }
    const count = Object.values(document.paths).flatMap((item) => Object.keys(item)).length;
    expect(count).toBe(operations.length + 2);
  });

  test('refers only to what it holds', () => {
    const all = new Set(references(document));
    expect(all.size).toBeGreaterThan(20);
    for (const reference of all) {
      expect(document, reference).toHaveProperty(reference.split('/').slice(1));
    }
    expect(JSON.stringify(document)).not.toContain('#/$defs/');
  });

  test('declares every placeholder of a path as a required parameter, and nothing twice', () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const parameters = operation.parameters ?? [];
        const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
        expect(inPath.toSorted(byText), `${method} ${path}`).toEqual(
          [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).toSorted(byText),
        );
        expect(
          parameters.filter((parameter) => parameter.in === 'path').every(({ required }) => required === true),
        ).toBe(true);
        if (method === 'get') expect(operation.requestBody).toBeUndefined();
      }
    }
  });

  test('shows one form of errors, with every code, and both ways to present a token', () => {
    const problem = document.components.schemas.Problem as { properties: { code: { enum: string[] } } }; // checked below
    expect(problem.properties.code.enum).toEqual(Object.keys(ERROR_CODES));
    for (const methods of Object.values(document.paths)) {
      for (const { responses } of Object.values(methods)) {
        expect(references(responses.default)).toEqual(['#/components/schemas/Problem']);
      }
    }
    expect(document.components.securitySchemes).toEqual({
      token: { type: 'apiKey', in: 'header', name: 'X-API-Token' },
      bearer: { type: 'http', scheme: 'bearer' },
    });
    expect(document.security).toEqual([{ token: [] }, { bearer: [] }]);
  });

  test('carries examples of bodies that the contract accepts', () => {
    for (const operation of operations.filter(({ id }) => id !== 'datasets.upload')) {
      const result = operation.inputSchema.safeParse(exampleOf(operation.input));
      if (operation.name === 'compare') continue; // one word cannot be two runs
      expect(result.error?.issues ?? [], operation.id).toEqual([]);
    }
  });

  test('describes streams as server-sent events and uploads as multipart', () => {
    for (const { kind, path, method } of operations.filter((operation) => operation.kind === 'stream')) {
      const answer = document.paths[path][method.toLowerCase()].responses['200'];
      expect(answer, kind).toHaveProperty(['content', 'text/event-stream']);
    }
    expect(document.paths['/datasets/upload'].post.requestBody).toHaveProperty(['content', 'multipart/form-data']);
  });
});
