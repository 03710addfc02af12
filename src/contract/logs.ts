/** The log of the program: what it did, on whose behalf, and what went wrong. The audit log, which proves who did what, is another. */
import { z } from 'zod';
import { LOG_LEVELS } from '#base/log';
import { idField, instantField, pageInput } from './fields';
import { operation, stream } from './operation';

export const correlationField = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'Expected 1 to 64 letters, digits, dots, dashes or underscores.')
  .meta({ title: 'Correlation id', description: 'The X-Request-Id of the call that something was done for.' });

/** A time, or how long ago. */
export const sinceField = z
  .string()
  .regex(
    /^(\d{1,6}[smhd]|\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?)$/,
    'Expected a time such as 15m, 2h, 7d or 2026-01-31T12:00:00Z.',
  )
  .meta({ title: 'Since', description: 'UTC time, day, or how long ago: 30s, 15m, 2h, 7d.' });

export const logLineSchema = z
  .object({
    /** Number of the line in its process. */
    seq: z.number().int(),
    at: instantField,
    level: z.enum(LOG_LEVELS),
    /** Part of the program: api, jobs, worker, backups, flows, … */
    component: z.string(),
    correlation: z.string().nullable(),
    job: z.string().nullable(),
    trace: z.string().nullable().meta({ title: 'Trace', description: 'Trace id (W3C Trace Context).' }),
    message: z.string(),
    fields: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'LogLine' });
export type LogLine = z.infer<typeof logLineSchema>;

const filterInput = {
  level: z.enum(LOG_LEVELS).optional().meta({ title: 'At least this level' }),
  component: z.string().min(1).max(64).optional().meta({ title: 'Only this component' }),
  correlation: correlationField.optional(),
  job: idField.optional().meta({ title: 'Only this job' }),
};

export const logs = {
  list: operation({
    method: 'GET',
    path: '/logs',
    summary: 'Lines of the log, newest first',
    input: z.strictObject({ ...filterInput, since: sinceField.optional(), ...pageInput }),
    output: z.object({ lines: z.array(logLineSchema), total: z.number().int() }),
  }),
  tail: stream({
    method: 'GET',
    path: '/logs/tail',
    summary: 'The newest lines of the log, then each as it is written, until the reader leaves',
    input: z.strictObject({
      ...filterInput,
      lines: z.coerce.number().int().min(0).max(500).default(20).meta({ title: 'Lines to begin with' }),
    }),
    output: logLineSchema,
  }),
};
