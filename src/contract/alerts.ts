/** Alerts: what a person is warned of, once per rule and subject, until it is acknowledged, put off or resolved. */
import { z } from 'zod';
import { operation } from './operation';
import { idField, instantField, pageInput } from './fields';
import { alertSeveritySchema } from './topics';

export const alertSchema = z
  .object({
    id: idField,
    rule: z.string(),
    severity: alertSeveritySchema,
    subject: z.string(),
    message: z.string(),
    /** `snoozed` and `acknowledged` alerts are still open: what they warn of goes on. */
    state: z.enum(['open', 'snoozed', 'acknowledged', 'resolved']),
    raisedAt: instantField,
    lastRaisedAt: instantField,
    times: z.number().int().meta({ description: 'How often it was raised while it was open.' }),
    acknowledgedAt: instantField.nullable(),
    acknowledgedBy: z.string().nullable(),
    snoozedUntil: instantField.nullable(),
    escalatedAt: instantField.nullable(),
    resolvedAt: instantField.nullable(),
    resolvedBy: z.string().nullable(),
  })
  .meta({ id: 'Alert' });
export type Alert = z.infer<typeof alertSchema>;

const one = z.strictObject({ alert: idField });

export const alerts = {
  list: operation({
    method: 'GET',
    path: '/alerts',
    summary: 'Alerts, the worst first among the open ones, then the newest',
    input: z.strictObject({
      ...pageInput,
      all: z.stringbool().or(z.boolean()).optional().meta({ title: 'Also resolved ones' }),
      severity: alertSeveritySchema.optional().meta({ title: 'At least this severe' }),
      rule: z.string().max(120).optional().meta({ title: 'Rule' }),
    }),
    output: z.object({ alerts: z.array(alertSchema), total: z.number().int() }),
  }),
  show: operation({
    method: 'GET',
    path: '/alerts/{alert}',
    summary: 'One alert',
    positional: ['alert'],
    input: one,
    output: alertSchema,
  }),
  acknowledge: operation({
    method: 'POST',
    path: '/alerts/{alert}/acknowledge',
    summary: 'Say that somebody is at it: it is neither sent again nor escalated',
    scope: 'execute',
    positional: ['alert'],
    input: one,
    output: alertSchema,
  }),
  snooze: operation({
    method: 'POST',
    path: '/alerts/{alert}/snooze',
    summary: 'Put an alert off for some minutes; then it is told again where it is still open',
    scope: 'execute',
    positional: ['alert', 'minutes'],
    input: one.extend({
      minutes: z.coerce.number().int().min(1).max(43_200).default(60).meta({ title: 'Minutes', unit: 'min' }),
    }),
    output: alertSchema,
  }),
  resolve: operation({
    method: 'POST',
    path: '/alerts/{alert}/resolve',
    summary: 'Close an alert; the same rule raises a new one when it fails again',
    scope: 'execute',
    positional: ['alert'],
    input: one,
    output: alertSchema,
  }),
};
