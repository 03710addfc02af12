/**
 * The JSON Schema behind a Zod schema, with references followed: the common ground of flags, help, forms and OpenAPI.
 * Read-only view; nothing here validates.
 */
import { z } from 'zod';

export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly title?: string;
  readonly description?: string;
  readonly unit?: string;
  readonly examples?: readonly unknown[];
  readonly format?: string;
  readonly contentEncoding?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/** JSON Schema of what a caller writes (`input`) or reads (`output`). */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output' = 'input'): JsonSchema {
  const document = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return document as JsonSchema; // the generator's own type leaves `unit` and other annotations untyped
}

/** Follows `$ref` inside the document; what stands beside the reference (title, default) wins over what it points to. */
export function resolveReference(schema: JsonSchema, document: JsonSchema): JsonSchema {
  if (schema.$ref === undefined) return schema;
  const { $ref, ...beside } = schema;
  const target = document.$defs?.[$ref.slice('#/$defs/'.length)];
  return target === undefined ? beside : { ...resolveReference(target, document), ...beside };
}

/** The sub-schema at a path of property names and array positions, or undefined where the schema does not say. */
export function schemaAt(document: JsonSchema, path: readonly PropertyKey[]): JsonSchema | undefined {
  let current: JsonSchema | undefined = resolveReference(document, document);
  for (const step of path) {
    if (current === undefined) return undefined;
    current = child(current, step, document);
  }
  return current;
}

function child(schema: JsonSchema, step: PropertyKey, document: JsonSchema): JsonSchema | undefined {
  for (const branch of [schema, ...(schema.anyOf ?? [])].map((item) => resolveReference(item, document))) {
    const next =
      typeof step === 'number'
        ? branch.items
        : (branch.properties?.[String(step)] ??
          (typeof branch.additionalProperties === 'object' ? branch.additionalProperties : undefined));
    if (next !== undefined) return resolveReference(next, document);
  }
  return undefined;
}
