/** The audit log: who did what, proved unchanged; and who read what is sensitive. */
import { z } from 'zod';
import { instantField, pageInput } from './fields';
import { operation } from './operation';

const auditEntrySchema = z
  .object({
    seq: z.number().int(),
    at: instantField,
    actor: z.string(),
    /** The operation, or what happened inside the program. */
    action: z.string(),
    object: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });

const auditVerdictSchema = z
  .object({
    intact: z.boolean(),
    rows: z.number().int(),
    /** Heads of the chain that were written outside the database. */
    anchors: z.number().int(),
    head: z.number().int(),
    fault: z.object({ seq: z.number().int().nullable(), problem: z.string() }).nullable(),
    ms: z.number(),
  })
  .meta({ id: 'AuditVerdict' });

const accessSchema = z
  .object({
    seq: z.number().int(),
    at: instantField,
    actor: z.string(),
    transport: z.string(),
    operation: z.string(),
    object: z.string(),
  })
  .meta({ id: 'Access' });

export const audit = {
  list: operation({
    method: 'GET',
    path: '/audit',
    summary: 'Who did what, newest first',
    input: z.strictObject({
      action: z.string().min(1).optional().meta({ title: 'Only this action' }),
      actor: z.string().min(1).optional().meta({ title: 'Only this actor' }),
      object: z.string().min(1).optional().meta({ title: 'Only about this' }),
      ...pageInput,
    }),
    output: z.object({ entries: z.array(auditEntrySchema), total: z.number().int() }),
  }),
  verify: operation({
    method: 'GET',
    path: '/audit/verify',
    summary: 'Prove that no row of the audit log was changed, removed or put back',
    input: z.strictObject({}),
    output: auditVerdictSchema,
  }),
  accesses: operation({
    method: 'GET',
    path: '/audit/accesses',
    summary: 'Every read of weights, holdings and trades, newest first',
    input: z.strictObject({ ...pageInput }),
    output: z.object({ accesses: z.array(accessSchema), total: z.number().int() }),
  }),
};
