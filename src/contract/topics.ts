/**
 * What other programs may be told of: the closed, versioned list of topics with the schema of each payload. Payloads are thin: they name
 * what happened, and whoever needs more asks for it with a token. A payload that changes shape gets the next version.
 */
import { z } from 'zod';
import { operation, stream } from './operation';
import { dateField, idField, instantField, sha256Field } from './fields';

export const ASSET_CLASSES = ['equity', 'etf', 'index', 'fund', 'bond', 'fx', 'crypto', 'commodity', 'future'] as const;
export type AssetClass = (typeof ASSET_CLASSES)[number];

export const alertSeveritySchema = z.enum(['info', 'warning', 'error', 'critical']).meta({ title: 'Severity' });
export type AlertSeverity = z.infer<typeof alertSeveritySchema>;

const weights = {
  portfolio: idField,
  run: idField,
  /** Last close that the weights know, and the first trading day on which they can be filled. */
  decidedOn: dateField,
  fillOn: dateField,
};

const weightsProposed = z.strictObject({
  ...weights,
  runName: z.string(),
  strategy: z.string(),
  /** Assets with a weight other than zero. */
  positions: z.number().int().min(0),
});

const weightsApproved = z.strictObject({
  ...weights,
  /** Who signed, in order. */
  approvedBy: z.array(z.string().min(1)).min(1),
  approvedAt: instantField,
});

const ordersExecution = z.strictObject({
  order: z.string().min(1).max(64),
  portfolio: idField.nullable(),
  /** Account or broker where it was executed. */
  venue: z.string(),
  asset: z.string().min(1).max(64),
  side: z.enum(['buy', 'sell']),
  event: z.enum(['new', 'partial-fill', 'fill', 'replaced', 'cancelled', 'rejected', 'expired']),
  /** Shares. */
  ordered: z.number(),
  filled: z.number(),
  /** Of this execution alone; null where nothing was traded. Price per share. */
  lastShares: z.number().nullable(),
  lastPrice: z.number().nullable(),
  averagePrice: z.number().nullable(),
  reason: z.string().nullable(),
  at: instantField,
});

const riskAlerts = z.strictObject({
  alert: idField,
  state: z.enum(['raised', 'worsened', 'reminded', 'escalated', 'resolved']),
  rule: z.string(),
  severity: alertSeveritySchema,
  subject: z.string(),
  message: z.string(),
  at: instantField,
});

const runFinished = z.strictObject({
  run: idField,
  job: idField,
  name: z.string(),
  experiment: z.string(),
  status: z.enum(['succeeded', 'failed', 'cancelled']),
  /** Why it failed. */
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});

const modelPromoted = z.strictObject({
  version: idField,
  /** `name@version` */
  label: z.string(),
  run: idField,
  /** Label of the champion before. */
  previous: z.string().nullable(),
  action: z.enum(['promoted', 'rolled-back']),
  reason: z.string(),
  actor: z.string(),
});

const dataRefreshed = z.strictObject({
  dataset: idField,
  name: z.string(),
  version: z.number().int(),
  contentHash: sha256Field,
  firstDate: dateField,
  lastDate: dateField,
  assets: z.number().int(),
  rows: z.number().int(),
});

/** One bar of one instrument. */
const marketBar = z.strictObject({
  assetClass: z.enum(ASSET_CLASSES),
  instrument: z.string().min(1).max(64),
  date: dateField,
  open: z.number().nullable(),
  high: z.number().nullable(),
  low: z.number().nullable(),
  close: z.number(),
  volume: z.number().nullable(),
  currency: z.string().nullable(),
  source: z.string(),
});

interface TopicSpec<Schema extends z.ZodType = z.ZodType> {
  readonly version: number;
  readonly title: string;
  /** Field of the payload: events that agree in it reach a receiver in their order. */
  readonly orderedBy: string;
  readonly payload: Schema;
}
const topic = <Schema extends z.ZodType>(
  version: number,
  title: string,
  payload: Schema,
  orderedBy: string & keyof z.infer<Schema>,
): TopicSpec<Schema> => ({ version, title, payload, orderedBy });

/** Topics by name; `md` stands for every `md.<asset class>.<instrument>`. */
export const TOPICS = {
  'weights.proposed': topic(1, 'A run proposes target weights', weightsProposed, 'run'),
  'weights.approved': topic(1, 'Target weights were signed off', weightsApproved, 'run'),
  'orders.execution': topic(1, 'An order changed its state', ordersExecution, 'order'),
  'risk.alerts': topic(1, 'An alert was raised, became worse, was escalated or resolved', riskAlerts, 'alert'),
  'run.finished': topic(1, 'A run succeeded, failed or was cancelled', runFinished, 'run'),
  'model.promoted': topic(1, 'A model version became champion', modelPromoted, 'label'),
  'data.refreshed': topic(1, 'A dataset version was stored', dataRefreshed, 'name'),
  md: topic(1, 'A market data bar arrived', marketBar, 'instrument'),
} as const;

type NamedTopic = Exclude<keyof typeof TOPICS, 'md'>;
type MarketTopic = `md.${AssetClass}.${string}`;
export type Topic = NamedTopic | MarketTopic;
export type PayloadOf<T extends Topic> = z.infer<
  T extends NamedTopic ? (typeof TOPICS)[T]['payload'] : (typeof TOPICS)['md']['payload']
>;

const MARKET = new RegExp(`^md\\.(${ASSET_CLASSES.join('|')})\\.[A-Za-z0-9][A-Za-z0-9._=^-]{0,63}$`);

/** The specification of a topic by its name; null where there is no such topic. */
export function topicSpec(name: string): TopicSpec | null {
  if (MARKET.test(name)) return TOPICS.md;
  return name !== 'md' && Object.hasOwn(TOPICS, name) ? TOPICS[name as NamedTopic] : null; // hasOwn has just said so
}

/** A topic by its name, or all whose names begin so: `weights.*`, `md.equity.*`, `*`. */
export const topicPatternField = z
  .string()
  .max(120)
  .refine((text) => (text.endsWith('*') ? /^([a-z]+\.)*\*$/.test(text) : topicSpec(text) !== null), {
    error:
      'Expected the name of a topic, or the beginning of one and a star, such as "weights.*". List them with: sextant topics list.',
  })
  .meta({ title: 'Topic', examples: ['weights.*'] });

export function topicMatches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

export const topicEventSchema = z
  .object({
    /** Place in the sequence of all events; where a reader resumes. */
    seq: z.number().int(),
    /** The same wherever and however often the event is delivered. */
    id: idField,
    topic: z.string(),
    version: z.number().int(),
    at: instantField,
    data: z.record(z.string(), z.unknown()).meta({ description: 'The payload, of the schema of its topic.' }),
  })
  .meta({ id: 'TopicEvent' });
export type TopicEvent = z.infer<typeof topicEventSchema>;

const filter = z
  .union([topicPatternField.transform((pattern) => [pattern]), z.array(topicPatternField).min(1).max(50)])
  .default(['*'])
  .meta({ title: 'Topics', description: 'Names, or beginnings such as weights.*; all unless given.' });

export const topics = {
  list: operation({
    method: 'GET',
    path: '/topics',
    summary: 'Every topic with the version and JSON Schema of its payload',
    input: z.strictObject({}),
    output: z.object({
      topics: z.array(
        z.object({
          topic: z.string(),
          version: z.number().int(),
          title: z.string(),
          payload: z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema.' }),
        }),
      ),
    }),
  }),
  history: operation({
    method: 'GET',
    path: '/topics/history',
    summary: 'Events that were published, in order, behind a sequence number',
    sensitive: true,
    input: z.strictObject({
      topic: filter,
      after: z.coerce.number().int().min(0).default(0).meta({ title: 'After event' }),
      limit: z.coerce.number().int().min(1).max(500).default(50).meta({ title: 'Rows at most' }),
    }),
    output: z.object({
      events: z.array(topicEventSchema),
      next: z.number().int().meta({ description: 'What to give as "after" to read on.' }),
    }),
  }),
  follow: stream({
    method: 'GET',
    path: '/topics/events',
    summary: 'Events as they are published, from now on or behind a sequence number',
    input: z.strictObject({ topic: filter, after: z.coerce.number().int().min(0).optional() }),
    output: topicEventSchema,
  }),
};
