/** Sends one event to a webhook endpoint: signed anew for every attempt, under one identifier however often it is sent. */
import { z } from 'zod';
import type { TopicEvent } from '#contract/topics';
import type { Outcome, Transport } from '../deliveries/delivery-loop';
import type { PostJson } from '../deliveries/http-post';
import { signedHeaders } from './signature';

/** What is stored of an endpoint. */
export const webhookConfigSchema = z.strictObject({
  url: z.string(),
  description: z.string(),
  allowPrivate: z.boolean(),
  /** The newest first; an older one is good until its moment, UTC milliseconds. */
  secrets: z.array(z.strictObject({ secret: z.string(), until: z.number().nullable() })).min(1),
});
export type WebhookConfig = z.infer<typeof webhookConfigSchema>;

export interface WebhookMessage {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly timestamp: string;
  readonly data: unknown;
}

export function toMessage({ id, topic, version, at, data }: TopicEvent): WebhookMessage {
  return { id, type: topic, version, timestamp: at, data };
}

/** @param now UTC milliseconds */
export function sendMessage(
  post: PostJson,
  config: WebhookConfig,
  message: WebhookMessage,
  now: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const body = JSON.stringify(message);
  const good = config.secrets.filter(({ until }) => until === null || until > now).map(({ secret }) => secret);
  return post(
    {
      url: config.url,
      body,
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'Sextant-Webhooks/1',
        ...signedHeaders(good, message.id, now, body),
      },
      allowPrivate: config.allowPrivate,
      purpose: 'webhook',
    },
    signal,
  );
}

export function webhookTransport(post: PostJson, now: () => number): Transport {
  return ({ config }, event, signal) =>
    sendMessage(post, webhookConfigSchema.parse(JSON.parse(config)), toMessage(event), now(), signal);
}
