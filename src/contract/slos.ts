/**
 * Service levels: what is promised, how much of it may fail in a rolling window (the error budget), and how fast that is used up (the burn
 * rate). Terms and thresholds are those of Beyer et al., "The Site Reliability Workbook", O'Reilly 2018, ch. 2 and 5.
 */
import { z } from 'zod';
import { instantField } from './fields';
import { operation } from './operation';

/** A burn of 14.4 must be possible, or the fastest rule could never fire: 1 / (1 − 0.95) = 20. */
const target = z
  .number()
  .gte(0.95)
  .lte(0.9999)
  .meta({ title: 'Target', description: 'Share that must be good within the window.' });
const leastEvents = z.number().int().gte(1).lte(1_000_000).meta({
  title: 'Least events',
  description: 'With fewer in the longer window of a rule nothing is concluded: one failure of two says little.',
});

export const sloConfigSchema = z
  .strictObject({
    windowDays: z.number().int().gte(3).lte(90).default(30).meta({ title: 'Window', unit: 'days' }),
    availability: z
      .strictObject({ target: target.default(0.995), leastEvents: leastEvents.default(20) })
      .prefault({})
      .meta({ title: 'Availability', description: 'Calls that did not fail for a reason of the host.' }),
    readLatency: z
      .strictObject({
        target: target.default(0.95),
        withinMs: z.number().gt(0).lte(60_000).default(100).meta({ title: 'Within', unit: 'ms' }),
        leastEvents: leastEvents.default(200),
      })
      .prefault({})
      .meta({ title: 'Latency of reads', description: 'A target of 0.95 is a statement about the 95th percentile.' }),
    inferenceLatency: z
      .strictObject({
        target: target.default(0.95),
        withinMs: z.number().gt(0).lte(60_000).default(500).meta({ title: 'Within', unit: 'ms' }),
        leastEvents: leastEvents.default(5),
      })
      .prefault({})
      .meta({ title: 'Latency of inference' }),
    rebalance: z
      .strictObject({
        target: target.default(0.95),
        withinMinutes: z.number().gt(0).lte(10_080).default(10).meta({ title: 'Within', unit: 'min after it is due' }),
        leastEvents: leastEvents.default(1),
      })
      .prefault({})
      .meta({ title: 'Rebalance on time' }),
    dataFreshness: z
      .strictObject({
        target: target.default(0.95),
        withinSessions: z.number().int().gte(0).lte(60).default(1).meta({ title: 'Behind', unit: 'sessions at most' }),
        leastEvents: leastEvents.default(6),
      })
      .prefault({})
      .meta({ title: 'Fresh data', description: 'Datasets that a schedule uses, looked at every five minutes.' }),
  })
  .meta({ id: 'SloConfig', title: 'Service levels' });
export type SloConfig = z.infer<typeof sloConfigSchema>;

export const SLO_NAMES = [
  'availability',
  'read-latency',
  'inference-latency',
  'rebalance-on-time',
  'data-freshness',
] as const;
export const sloNameSchema = z.enum(SLO_NAMES);
export type SloName = z.infer<typeof sloNameSchema>;

/**
 * `idle`: nothing happened that could be judged, or too little. `burning`: the budget is used up too fast. `spent`: none is left.
 * `cannot-evaluate`: what would be judged cannot be read, or ages cannot be told; never taken for good news.
 */
export const sloStateSchema = z.enum(['ok', 'idle', 'burning', 'spent', 'cannot-evaluate']);
export type SloState = z.infer<typeof sloStateSchema>;

export const sloSchema = z
  .object({
    slo: sloNameSchema,
    title: z.string(),
    objective: z.string().meta({ description: 'The promise in words.' }),
    target: z.number(),
    state: sloStateSchema,
    detail: z.string(),
    good: z.number().int(),
    bad: z.number().int(),
    /** Share of the error budget that is left, 1 = all, negative = overdrawn; null where there are too few events to say. */
    budgetLeft: z.number().nullable(),
    rules: z.array(
      z.object({
        rule: z.string(),
        factor: z.number().meta({ description: 'Burn rate from which the rule fires, in both windows.' }),
        longHours: z.number(),
        shortMinutes: z.number(),
        /** 1 = the budget lasts exactly the window; null where there are too few events. */
        longBurn: z.number().nullable(),
        shortBurn: z.number().nullable(),
        firingSince: instantField.nullable(),
      }),
    ),
  })
  .meta({ id: 'Slo' });
export type Slo = z.infer<typeof sloSchema>;

export const slos = {
  list: operation({
    method: 'GET',
    path: '/slos',
    summary: 'Service levels: promise, error budget left, burn rate by window, and what fires',
    input: z.strictObject({}),
    output: z.object({ windowDays: z.number(), slos: z.array(sloSchema), config: sloConfigSchema }),
  }),
  configure: operation({
    method: 'PUT',
    path: '/slos',
    summary: 'Put other service levels in force; what was counted stays',
    scope: 'execute',
    input: z.strictObject({ config: sloConfigSchema }),
    output: sloConfigSchema,
  }),
};
