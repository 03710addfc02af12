/** Traces: how long each part of a call took, from the request through operation and job to the stages of its worker. Kept on this machine. */
import { z } from 'zod';
import { idField, instantField, pageInput } from './fields';
import { correlationField, sinceField } from './logs';
import { operation } from './operation';

export const spanSchema = z
  .object({
    /** 16 and 8 bytes in hexadecimal (W3C Trace Context). */
    trace: z.string(),
    span: z.string(),
    parent: z.string().nullable(),
    name: z.string(),
    kind: z.enum(['internal', 'server']),
    startedAt: instantField,
    durationMs: z.number().meta({ unit: 'ms' }),
    /** Code of the error that it ended with; null where it ended well. */
    error: z.string().nullable(),
    correlation: z.string().nullable(),
    job: z.string().nullable(),
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ id: 'Span' });
export type Span = z.infer<typeof spanSchema>;

export const tracesConfigSchema = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ title: 'Record traces', description: 'On this machine, by retention.' }),
    endpoint: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .nullable()
      .default(null)
      .meta({
        title: 'Send to',
        description: 'Address for OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces; empty sends nothing.',
      }),
  })
  .meta({ id: 'TracesConfig', title: 'Traces' });
export type TracesConfig = z.infer<typeof tracesConfigSchema>;

const stateSchema = z
  .object({
    config: tracesConfigSchema,
    /** Kept spans. */
    spans: z.number().int(),
    lastSentAt: instantField.nullable(),
    /** Why the last batch did not arrive. */
    problem: z.string().nullable(),
  })
  .meta({ id: 'TracesState' });
export type TracesState = z.infer<typeof stateSchema>;

const filterInput = {
  trace: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'Expected 32 hexadecimal digits.')
    .optional()
    .meta({ title: 'Only this trace' }),
  job: idField.optional().meta({ title: 'Only this job' }),
  correlation: correlationField.optional(),
  since: sinceField.optional(),
};

export const traces = {
  list: operation({
    method: 'GET',
    path: '/traces',
    summary: 'Spans of traces, newest first',
    input: z.strictObject({ ...filterInput, ...pageInput }),
    output: z.object({ spans: z.array(spanSchema), total: z.number().int() }),
  }),
  export: operation({
    method: 'GET',
    path: '/traces/export',
    summary: 'Spans as an OTLP/JSON document, for Jaeger, Tempo and others; the newest 20,000 that are asked for',
    scope: 'export',
    input: z.strictObject(filterInput),
    output: z.object({ filename: z.string(), mediaType: z.literal('application/json'), text: z.string() }),
  }),
  show: operation({
    method: 'GET',
    path: '/traces/config',
    summary: 'Whether traces are recorded, and where they are sent',
    input: z.strictObject({}),
    output: stateSchema,
  }),
  configure: operation({
    method: 'PUT',
    path: '/traces/config',
    summary: 'Record traces or not, and where to send them; another machine only as the privacy configuration allows',
    scope: 'execute',
    input: z.strictObject({ config: tracesConfigSchema }),
    output: stateSchema,
  }),
};
