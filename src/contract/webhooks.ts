/** Webhooks: events sent to other programs over HTTP, signed as Standard Webhooks says, tried for a week, kept and replayed. */
import { z } from 'zod';
import { operation } from './operation';
import { idField, instantField, pageInput } from './fields';
import { topicPatternField } from './topics';

const nameField = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,59}$/, 'Expected up to 60 lower-case letters, digits, dots, dashes or underscores.')
  .meta({ title: 'Name', examples: ['execution-desk'] });

const topicsField = z.array(topicPatternField).min(1).max(50).meta({ title: 'Topics' });

export const deliveryCountsSchema = z.object({
  pending: z.number().int(),
  delivered: z.number().int(),
  dead: z.number().int(),
});

export const webhookSchema = z
  .object({
    id: idField,
    name: z.string(),
    url: z.string(),
    description: z.string(),
    topics: z.array(z.string()),
    allowPrivate: z.boolean(),
    createdAt: instantField,
    /** Set while nothing is sent. */
    disabledAt: instantField.nullable(),
    disabledReason: z.string().nullable(),
    /** Until when the secret before the present one signs too. */
    overlapUntil: instantField.nullable(),
    deliveries: deliveryCountsSchema,
  })
  .meta({ id: 'Webhook' });
export type Webhook = z.infer<typeof webhookSchema>;

export const deliverySchema = z
  .object({
    /** Number of the event; names the delivery within its receiver. */
    event: z.number().int(),
    /** Stays the same however often it is sent: the header webhook-id. */
    id: idField,
    topic: z.string(),
    publishedAt: instantField,
    status: z.enum(['pending', 'delivered', 'dead']),
    attempts: z.number().int(),
    dueAt: instantField.nullable(),
    lastAt: instantField.nullable(),
    lastStatus: z.number().int().nullable(),
    lastError: z.string().nullable(),
    lastMs: z.number().int().nullable(),
  })
  .meta({ id: 'Delivery' });
export type Delivery = z.infer<typeof deliverySchema>;

export const attemptSchema = z
  .object({
    ok: z.boolean(),
    status: z.number().int().nullable(),
    error: z.string().nullable(),
    ms: z.number().int(),
  })
  .meta({ id: 'DeliveryAttempt' });

export const deliveriesInput = {
  status: z.enum(['pending', 'delivered', 'dead']).optional().meta({ title: 'Status' }),
  ...pageInput,
};
export const deliveriesOutput = z.object({ deliveries: z.array(deliverySchema), total: z.number().int() });

export const replayInput = {
  event: z.coerce.number().int().min(1).optional().meta({ title: 'One event' }),
  since: instantField.optional().meta({ title: 'All events since', description: 'Also delivered ones.' }),
};

const settings = {
  url: z
    .string()
    .max(2000)
    .meta({
      title: 'Address',
      description: 'https://…, or http:// on this machine.',
      examples: ['https://desk.example/hook'],
    }),
  topics: topicsField.default(['*']),
  description: z.string().max(500).default('').meta({ title: 'Description' }),
  allowPrivate: z
    .boolean()
    .or(z.stringbool())
    .default(false)
    .meta({ title: 'Private network', description: 'The receiver has an address such as 192.168.…' }),
};

const webhookRef = z.string().min(1).max(60).meta({ title: 'Webhook', description: 'Name or identifier.' });
const one = z.strictObject({ webhook: webhookRef });
const secretOutput = z.object({
  webhook: webhookSchema,
  secret: z.string().meta({ description: 'Shown once; the receiver verifies signatures with it.' }),
});

export const webhooks = {
  list: operation({
    method: 'GET',
    path: '/webhooks',
    summary: 'Webhook endpoints and what became of their deliveries',
    input: z.strictObject({}),
    output: z.object({ webhooks: z.array(webhookSchema) }),
  }),
  create: operation({
    method: 'POST',
    path: '/webhooks',
    summary: 'Send events to an address from now on; answers with the secret that signs them',
    scope: 'execute',
    secret: true,
    positional: ['name', 'url'],
    input: z.strictObject({ name: nameField, ...settings }),
    output: secretOutput,
  }),
  show: operation({
    method: 'GET',
    path: '/webhooks/{webhook}',
    summary: 'One webhook endpoint',
    positional: ['webhook'],
    input: one,
    output: webhookSchema,
  }),
  update: operation({
    method: 'PUT',
    path: '/webhooks/{webhook}',
    summary: 'Change the address, topics or description of an endpoint; what is not given stays',
    scope: 'execute',
    positional: ['webhook'],
    input: one.extend({
      url: settings.url.optional(),
      topics: topicsField.optional(),
      description: z.string().max(500).optional().meta({ title: 'Description' }),
      allowPrivate: z.boolean().or(z.stringbool()).optional().meta({ title: 'Private network' }),
    }),
    output: webhookSchema,
  }),
  rotate: operation({
    method: 'POST',
    path: '/webhooks/{webhook}/rotate',
    summary: 'A new secret; for some hours messages carry a signature by the old one too',
    scope: 'execute',
    secret: true,
    positional: ['webhook'],
    input: one.extend({
      overlapHours: z.coerce.number().min(0).max(720).default(24).meta({ title: 'Overlap', unit: 'h' }),
    }),
    output: secretOutput,
  }),
  disable: operation({
    method: 'POST',
    path: '/webhooks/{webhook}/disable',
    summary: 'Send nothing for the time being; what is published meanwhile is not queued',
    scope: 'execute',
    positional: ['webhook'],
    input: one,
    output: webhookSchema,
  }),
  enable: operation({
    method: 'POST',
    path: '/webhooks/{webhook}/enable',
    summary: 'Send again: what is still queued, and what is published from now on',
    scope: 'execute',
    positional: ['webhook'],
    input: one,
    output: webhookSchema,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/webhooks/{webhook}',
    summary: 'Remove an endpoint and the history of its deliveries',
    scope: 'execute',
    positional: ['webhook'],
    input: one,
    output: z.object({ removed: idField }),
  }),
  test: operation({
    method: 'POST',
    path: '/webhooks/{webhook}/test',
    summary: 'Send a signed message of the type webhook.test now, once, and say what came back',
    scope: 'execute',
    positional: ['webhook'],
    input: one,
    output: attemptSchema,
  }),
  deliveries: operation({
    method: 'GET',
    path: '/webhooks/{webhook}/deliveries',
    summary: 'Deliveries of an endpoint, newest first',
    positional: ['webhook'],
    input: one.extend(deliveriesInput),
    output: deliveriesOutput,
  }),
  replay: operation({
    method: 'POST',
    path: '/webhooks/{webhook}/replay',
    summary: 'Send events again, under the same identifiers: one, all since a moment, or every dead letter',
    scope: 'execute',
    positional: ['webhook'],
    input: one.extend(replayInput),
    output: z.object({ queued: z.number().int() }),
  }),
};
