/** The part of JSON Schema that forms are drawn from, and how a field is told from a section. */
import { z } from 'zod';

export interface FieldSchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly unit?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
  readonly anyOf?: readonly FieldSchema[];
  readonly format?: string;
  readonly $ref?: string;
}

/** The schema of what a person writes: fields with defaults may be left out. Shared parts are written out in place. */
export function inputSchema(schema: z.ZodType): FieldSchema {
  const document = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const definitions = document.$defs ?? {};
  const resolve = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(resolve);
    if (typeof node !== 'object' || node === null) return node;
    const { $ref, ...rest } = node as Record<string, unknown>; // a JSON document
    const target = typeof $ref === 'string' ? definitions[$ref.replace('#/$defs/', '')] : undefined;
    const own = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, resolve(value)]));
    return target === undefined ? own : { ...(resolve(target) as object), ...own }; // definitions are objects
  };
  const { $defs: _definitions, ...root } = document;
  return resolve(root) as FieldSchema; // JSON Schema is wider than what forms read
}

/** What is written where nothing is: the default in words. */
export function defaultText(schema: FieldSchema): string | undefined {
  const value = schema.default;
  if (value === undefined || value === null || typeof value === 'object') return undefined;
  return String(value);
}
