/** Channels: where alerts and other events reach people and message brokers. All are optional; one that is not set up costs nothing. */
import { z } from 'zod';
import { operation } from './operation';
import { idField, instantField } from './fields';
import { alertSeveritySchema, topicPatternField } from './topics';
import { attemptSchema, deliveriesInput, deliveriesOutput, deliveryCountsSchema, replayInput } from './webhooks';

const urlField = z.string().min(1).max(2000);
const allowPrivate = z.boolean().default(false).meta({
  title: 'Private network',
  description: 'The receiver has an address such as 192.168.…',
});

/** Where a channel leads. Secrets in it are kept in the encrypted workspace and never shown again. */
export const channelTargetSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('desktop') }).meta({ title: 'Notification of the desktop program' }),
    z
      .strictObject({
        kind: z.literal('slack'),
        url: urlField.meta({ title: 'Incoming webhook', description: 'Of Slack, Mattermost, Rocket.Chat or another.' }),
        allowPrivate,
      })
      .meta({ title: 'Slack-compatible webhook' }),
    z
      .strictObject({
        kind: z.literal('pagerduty'),
        routingKey: z.string().min(1).max(200).meta({ title: 'Integration key' }),
        url: urlField.default('https://events.pagerduty.com/v2/enqueue').meta({ title: 'Events API v2' }),
        allowPrivate,
      })
      .meta({ title: 'PagerDuty' }),
    z
      .strictObject({
        kind: z.literal('email'),
        host: z.string().min(1).max(253),
        port: z.int().min(1).max(65_535).default(587),
        security: z.enum(['tls', 'starttls', 'none']).default('starttls').meta({
          title: 'Encryption',
          description: 'None only to a server on this machine.',
        }),
        user: z.string().max(320).optional(),
        password: z.string().max(1000).optional(),
        from: z.email().max(320),
        to: z.array(z.email().max(320)).min(1).max(50),
        allowPrivate,
      })
      .meta({ title: 'E-mail by SMTP' }),
    z
      .strictObject({
        kind: z.literal('redis'),
        url: urlField.meta({ title: 'Server', examples: ['redis://127.0.0.1:6379'] }),
        prefix: z.string().max(100).default('sextant:').meta({ title: 'Prefix of the stream names' }),
        keep: z.int().min(1).max(100_000_000).default(100_000).meta({ title: 'Entries kept by stream, about' }),
        allowPrivate,
      })
      .meta({ title: 'Redis Streams' }),
  ])
  .meta({ id: 'ChannelTarget', title: 'Target', examples: [{ kind: 'desktop' }] });
export type ChannelTarget = z.infer<typeof channelTargetSchema>;

export const channelSchema = z
  .object({
    id: idField,
    name: z.string(),
    kind: z.enum(['desktop', 'slack', 'pagerduty', 'email', 'redis']),
    /** Where it leads, without anything secret. */
    address: z.string(),
    topics: z.array(z.string()),
    minSeverity: alertSeveritySchema,
    escalatedOnly: z.boolean(),
    createdAt: instantField,
    disabledAt: instantField.nullable(),
    disabledReason: z.string().nullable(),
    deliveries: deliveryCountsSchema,
  })
  .meta({ id: 'Channel' });
export type Channel = z.infer<typeof channelSchema>;

const choices = {
  topics: z.array(topicPatternField).min(1).max(50).default(['risk.alerts']).meta({ title: 'Topics' }),
  minSeverity: alertSeveritySchema.default('warning').meta({ title: 'Alerts at least this severe' }),
  escalatedOnly: z
    .boolean()
    .or(z.stringbool())
    .default(false)
    .meta({ title: 'Only escalated alerts', description: 'Those that nobody acknowledged in time.' }),
};

const channelRef = z.string().min(1).max(60).meta({ title: 'Channel', description: 'Name or identifier.' });
const one = z.strictObject({ channel: channelRef });

export const channels = {
  list: operation({
    method: 'GET',
    path: '/channels',
    summary: 'Channels and what became of their deliveries',
    input: z.strictObject({}),
    output: z.object({ channels: z.array(channelSchema) }),
  }),
  create: operation({
    method: 'POST',
    path: '/channels',
    summary: 'Send alerts, or other events, to a desktop, chat, pager, mailbox or message broker from now on',
    scope: 'execute',
    secret: true,
    positional: ['name'],
    input: z.strictObject({
      name: z
        .string()
        .regex(
          /^[a-z0-9][a-z0-9._-]{0,59}$/,
          'Expected up to 60 lower-case letters, digits, dots, dashes or underscores.',
        )
        .meta({ title: 'Name' }),
      target: channelTargetSchema,
      ...choices,
    }),
    output: channelSchema,
  }),
  disable: operation({
    method: 'POST',
    path: '/channels/{channel}/disable',
    summary: 'Send nothing for the time being; what is published meanwhile is not queued',
    scope: 'execute',
    positional: ['channel'],
    input: one,
    output: channelSchema,
  }),
  enable: operation({
    method: 'POST',
    path: '/channels/{channel}/enable',
    summary: 'Send again',
    scope: 'execute',
    positional: ['channel'],
    input: one,
    output: channelSchema,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/channels/{channel}',
    summary: 'Remove a channel and the history of its deliveries',
    scope: 'execute',
    positional: ['channel'],
    input: one,
    output: z.object({ removed: idField }),
  }),
  test: operation({
    method: 'POST',
    path: '/channels/{channel}/test',
    summary: 'Send a test alert through one channel now, once, and say what came back',
    scope: 'execute',
    positional: ['channel'],
    input: one,
    output: attemptSchema,
  }),
  deliveries: operation({
    method: 'GET',
    path: '/channels/{channel}/deliveries',
    summary: 'Deliveries of a channel, newest first',
    positional: ['channel'],
    input: one.extend(deliveriesInput),
    output: deliveriesOutput,
  }),
  replay: operation({
    method: 'POST',
    path: '/channels/{channel}/replay',
    summary: 'Send events again: one, all since a moment, or every dead letter',
    scope: 'execute',
    positional: ['channel'],
    input: one.extend(replayInput),
    output: z.object({ queued: z.number().int() }),
  }),
};
