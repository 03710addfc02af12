/** A small valid example of a schema: what is required, taken from examples, defaults and limits. */
import { resolveReference, type JsonSchema } from './json-schema';

const TEXTS: Readonly<Record<string, string>> = { date: '2020-01-02', 'date-time': '2026-11-30T21:00:00.000Z' };

export function exampleOf(document: JsonSchema): unknown {
  return example(document, document);
}

function example(raw: JsonSchema, document: JsonSchema): unknown {
  const schema = resolveReference(raw, document);
  if (schema.examples !== undefined && schema.examples.length > 0) return schema.examples[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) return example(branches[0], document);
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.find((item) => item !== 'null');
  switch (type) {
    case 'object': {
      const required = Object.entries(schema.properties ?? {}).filter(([name]) => schema.required?.includes(name));
      return Object.fromEntries(required.map(([name, property]) => [name, example(property, document)]));
    }
    case 'array':
      return schema.items === undefined ? [] : [example(schema.items, document)];
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 0, 0);
    case 'boolean':
      return true;
    default:
      return TEXTS[schema.format ?? ''] ?? 'sample';
  }
}
