/** What a leakage audit of a run leaves behind: one finding per guard, and what survivorship is worth. */
import { z } from 'zod';
import { idField, instantField } from './fields';

const figureSchema = z.object({
  name: z.string(),
  value: z.number().nullable(),
  /** '' where the figure is a plain number. */
  unit: z.string(),
});

export const guardFindingSchema = z
  .object({
    /** G1 … G8, the order of the registry. */
    id: z.string(),
    title: z.string(),
    proves: z.string(),
    gate: z.string(),
    /** `warning` = no leak, but a reader must know; `not-run` = the summary says why. */
    status: z.enum(['passed', 'failed', 'warning', 'not-run']),
    summary: z.string(),
    figures: z.array(figureSchema),
    table: z
      .object({
        columns: z.array(z.string()),
        rows: z.array(z.array(z.union([z.string(), z.number()]).nullable())),
      })
      .nullable(),
    notes: z.array(z.string()),
  })
  .meta({ id: 'GuardFinding' });
export type GuardFinding = z.infer<typeof guardFindingSchema>;

const universeOutcomeSchema = z.object({ sharpe: z.number().nullable(), cagr: z.number().nullable() });

export const survivorshipSchema = z
  .object({
    pointInTime: universeOutcomeSchema,
    today: universeOutcomeSchema,
    /** Today's members minus those of each day. */
    sharpeDifference: z.number().nullable(),
    cagrDifference: z.number().nullable(),
    members: z.number().int(),
    everMembers: z.number().int(),
    summary: z.string(),
  })
  .meta({ id: 'Survivorship' });

export const auditResultSchema = z.object({
  status: z.enum(['passed', 'failed', 'warning']),
  guards: z.array(guardFindingSchema),
  /** Null where the dataset has no membership dates. */
  survivorship: survivorshipSchema.nullable(),
});

export const leakageAuditSchema = auditResultSchema
  .extend({
    job: idField,
    auditedAt: instantField,
    effort: z.enum(['full', 'quick']),
  })
  .meta({ id: 'LeakageAudit' });
export type LeakageAudit = z.infer<typeof leakageAuditSchema>;

export const auditRequestSchema = {
  effort: z
    .enum(['full', 'quick'])
    .default('full')
    .meta({ title: 'Effort', description: 'Quick: fewer cuts and smaller noise markets, for a first look.' }),
  openHoldout: z.boolean().default(false).meta({
    title: 'Open the holdout',
    description:
      'Test the model on the sealed period. It is meant to be opened once; every opening goes into the audit log.',
  }),
};
