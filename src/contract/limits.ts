/**
 * Limits of accounts: what a book may be, before trades and after them, and what is done where it is not. Edges are inclusive: a value equal to its limit
 * holds. A limit that cannot be evaluated is violated.
 */
import { z } from 'zod';
import { LIMIT_KINDS } from '#quant/limits/limits';
import { operation } from './operation';
import { idField, instantField, pageInput, refField } from './fields';
import { accountField } from './holdings';

const limitIdField = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'Expected a lower-case name of letters, digits and "-".')
  .meta({ title: 'Limit', examples: ['position-max'] });

export const LIMIT_STAGES = ['pre-trade', 'post-trade'] as const;

const limitSchema = z
  .strictObject({
    id: limitIdField,
    kind: z.enum(LIMIT_KINDS).meta({
      title: 'Kind',
      description:
        'position: largest |weight|; sector: largest sum of |weight|; turnover: ½ Σ|Δw|; leverage: Σ|w|; liquidity: days of whole average volume to sell the slowest position; concentration: Σw²; tracking-error: annual, against equal weights of the portfolio.',
    }),
    max: z
      .number()
      .min(0)
      .max(1e6)
      .meta({ title: 'Largest allowed value', description: 'The limit itself is allowed.' }),
    sector: z.string().min(1).max(100).optional().meta({ title: 'Sector', description: 'Only this one.' }),
    severity: z.enum(['hard', 'soft']).default('hard').meta({ title: 'Severity' }),
    stages: z
      .array(z.enum(LIMIT_STAGES))
      .min(1)
      .max(2)
      .default([...LIMIT_STAGES])
      .meta({ title: 'Stages' }),
    handling: z.enum(['block', 'scale', 'escalate']).default('block').meta({
      title: 'Handling before trades',
      description: 'block: no list; scale: weights are shrunk to the limit and measured again; escalate: an alert.',
    }),
  })
  .meta({ id: 'Limit' });
export type ConfiguredLimit = z.infer<typeof limitSchema>;

export const limitsConfigSchema = z
  .strictObject({
    limits: z
      .array(limitSchema)
      .max(100)
      .default([
        {
          id: 'leverage',
          kind: 'leverage',
          max: 1.001,
          severity: 'hard',
          stages: [...LIMIT_STAGES],
          handling: 'block',
        },
      ])
      .refine(
        (list) => new Set(list.map(({ id }) => id)).size === list.length,
        'Expected each limit to have its own id.',
      ),
  })
  .meta({ id: 'LimitsConfig', title: 'Limits' });
export type LimitsConfig = z.infer<typeof limitsConfigSchema>;

export const limitAnswerSchema = z
  .object({
    limit: z.string(),
    kind: z.enum(LIMIT_KINDS),
    severity: z.enum(['hard', 'soft']),
    handling: z.enum(['block', 'scale', 'escalate']),
    subject: z.string(),
    value: z.number().nullable(),
    max: z.number(),
    holds: z.boolean(),
    reason: z.string(),
    outcome: z.enum(['holds', 'waived', 'scaled', 'blocks', 'escalates', 'warns']),
  })
  .meta({ id: 'LimitAnswer' });
export type LimitAnswer = z.infer<typeof limitAnswerSchema>;

export const breachSchema = limitAnswerSchema
  .extend({
    id: idField,
    account: z.string(),
    portfolio: z.string(),
    stage: z.enum(LIMIT_STAGES),
    at: instantField,
  })
  .meta({ id: 'LimitBreach' });
export type Breach = z.infer<typeof breachSchema>;

export const waiverSchema = z
  .object({
    id: idField,
    limit: z.string(),
    account: z.string(),
    reason: z.string(),
    requestedBy: z.string(),
    approvedBy: z.string(),
    from: instantField,
    until: instantField,
    revokedAt: instantField.nullable(),
    active: z.boolean(),
  })
  .meta({ id: 'LimitWaiver' });
export type Waiver = z.infer<typeof waiverSchema>;

export const limits = {
  show: operation({
    method: 'GET',
    path: '/limits',
    summary: 'The limits in force',
    input: z.strictObject({}),
    output: limitsConfigSchema,
  }),
  configure: operation({
    method: 'PUT',
    path: '/limits',
    summary: 'Replace the limits; they count from the next list and the next check',
    scope: 'execute',
    input: z.strictObject({ config: limitsConfigSchema }),
    output: limitsConfigSchema,
  }),
  check: operation({
    method: 'POST',
    path: '/limits/check',
    summary:
      'Measure what an account holds now against the limits after trades; violations are stored and raise an alert',
    scope: 'execute',
    positional: ['account'],
    input: z.strictObject({ account: accountField.default('paper'), portfolio: refField.default('latest') }),
    output: z.object({ limits: z.array(limitAnswerSchema), holds: z.boolean() }),
  }),
  breaches: operation({
    method: 'GET',
    path: '/limits/breaches',
    summary: 'Violations, the newest first, with what was done about each',
    sensitive: true,
    input: z.strictObject(pageInput),
    output: z.object({ breaches: z.array(breachSchema), total: z.number().int() }),
  }),
  waive: operation({
    method: 'POST',
    path: '/limits/waivers',
    summary: 'Let an account be over a limit until a day, for a reason; approved by another person than who asks',
    scope: 'execute',
    positional: ['limit'],
    input: z.strictObject({
      limit: limitIdField,
      account: accountField.default('paper'),
      until: instantField.meta({ title: 'Until' }),
      reason: z
        .string()
        .trim()
        .min(10)
        .max(1_000)
        .meta({ title: 'Reason', examples: ['merger closes on Friday'] }),
      requestedBy: z
        .string()
        .min(1)
        .max(120)
        .meta({ title: 'Asked for by', examples: ['desk'] }),
    }),
    output: waiverSchema,
  }),
  waivers: operation({
    method: 'GET',
    path: '/limits/waivers',
    summary: 'Waivers, the newest first, also those that have ended',
    input: z.strictObject(pageInput),
    output: z.object({ waivers: z.array(waiverSchema), total: z.number().int() }),
  }),
  revoke: operation({
    method: 'DELETE',
    path: '/limits/waivers/{waiver}',
    summary: 'End a waiver now',
    scope: 'execute',
    positional: ['waiver'],
    input: z.strictObject({ waiver: idField }),
    output: waiverSchema,
  }),
};
