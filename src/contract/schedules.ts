/** Schedules: when a flow runs by itself. Every due period is decided exactly once, whatever the clock does. */
import { z } from 'zod';
import { operation } from './operation';
import { flowNameSchema, flowParamsField, flowQueueSchema, flowRunSummarySchema } from './flows';
import { idField, instantField } from './fields';

const nameField = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,59}$/, 'Expected up to 60 lower-case letters, digits, dots, dashes or underscores.')
  .meta({ title: 'Name', examples: ['monthly-rebalance'] });

/** Which days of the New York Stock Exchange's calendar count; `last-of-…` is the last trading day of the period. */
export const scheduleDaysSchema = z.enum([
  'every-day',
  'trading-days',
  'last-of-week',
  'last-of-month',
  'last-of-quarter',
  'last-of-year',
]);
export type ScheduleDays = z.infer<typeof scheduleDaysSchema>;

export const catchUpSchema = z.enum(['latest', 'each', 'none']).meta({
  title: 'Missed periods',
  description:
    'After sleep or a stop: run only the latest missed period, each missed period once, or none. Late runs are marked.',
});
export type CatchUp = z.infer<typeof catchUpSchema>;

const timing = {
  cron: z
    .string()
    .max(120)
    .optional()
    .meta({ title: 'Cron pattern', description: 'Five or six fields, in the time zone.', examples: ['30 16 * * *'] }),
  everySeconds: z.coerce
    .number()
    .int()
    .min(10)
    .max(31_536_000)
    .optional()
    .meta({ title: 'Interval', unit: 's', description: 'Instead of a pattern; counted on a clock that cannot jump.' }),
  timeZone: z
    .string()
    .min(1)
    .max(64)
    .default('America/New_York')
    .meta({ title: 'Time zone', description: 'IANA name. A time in a gap is the first moment after it.' }),
  days: scheduleDaysSchema.default('every-day').meta({ title: 'Days' }),
};

export const scheduleSchema = z
  .object({
    id: idField,
    name: z.string(),
    flow: flowNameSchema,
    params: z.record(z.string(), z.unknown()),
    queue: flowQueueSchema,
    cron: z.string().nullable(),
    everySeconds: z.number().int().nullable(),
    timeZone: z.string(),
    days: scheduleDaysSchema,
    catchUp: catchUpSchema,
    paused: z.boolean(),
    createdAt: instantField,
    /** Next moment at which it is due; null while paused or where the pattern never matches again. */
    nextAt: instantField.nullable(),
    last: flowRunSummarySchema.nullable(),
  })
  .meta({ id: 'Schedule' });
export type Schedule = z.infer<typeof scheduleSchema>;

const scheduleRef = z.string().min(1).max(60).meta({ title: 'Schedule', description: 'Name or identifier.' });
const one = z.strictObject({ schedule: scheduleRef });

export const schedules = {
  list: operation({
    method: 'GET',
    path: '/schedules',
    summary: 'Schedules with their next due moment and last run',
    input: z.strictObject({}),
    output: z.object({
      schedules: z.array(scheduleSchema),
      /** Set while the clock is not believed: nothing is decided until then. */
      heldUntil: instantField.nullable(),
    }),
  }),
  create: operation({
    method: 'POST',
    path: '/schedules',
    summary: 'Run a flow by itself: by a cron pattern in a time zone, or every so many seconds',
    scope: 'execute',
    positional: ['name', 'flow'],
    input: z.strictObject({
      name: nameField,
      flow: flowNameSchema,
      params: flowParamsField,
      queue: flowQueueSchema.default('prod'),
      ...timing,
      catchUp: catchUpSchema.default('latest'),
    }),
    output: scheduleSchema,
  }),
  upcoming: operation({
    method: 'GET',
    path: '/schedules/upcoming',
    summary: 'What is due next, of all schedules, in order',
    input: z.strictObject({
      days: z.coerce.number().int().min(1).max(400).default(35).meta({ title: 'Days ahead' }),
      limit: z.coerce.number().int().min(1).max(1000).default(200).meta({ title: 'Rows at most' }),
    }),
    output: z.object({
      upcoming: z.array(z.object({ schedule: z.string(), flow: flowNameSchema, dueAt: instantField })),
    }),
  }),
  run: operation({
    method: 'POST',
    path: '/schedules/{schedule}/run',
    summary: "Run a schedule's flow now, besides its due periods",
    scope: 'train',
    positional: ['schedule'],
    input: one,
    output: flowRunSummarySchema,
  }),
  pause: operation({
    method: 'POST',
    path: '/schedules/{schedule}/pause',
    summary: 'Let no further period of a schedule become due',
    scope: 'execute',
    whenFull: true,
    positional: ['schedule'],
    input: one,
    output: scheduleSchema,
  }),
  resume: operation({
    method: 'POST',
    path: '/schedules/{schedule}/resume',
    summary: 'Let a paused schedule go on; what was due meanwhile is not made up',
    scope: 'execute',
    positional: ['schedule'],
    input: one,
    output: scheduleSchema,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/schedules/{schedule}',
    summary: 'Remove a schedule; its flow runs stay',
    scope: 'execute',
    positional: ['schedule'],
    input: one,
    output: z.object({ removed: idField }),
  }),
};
