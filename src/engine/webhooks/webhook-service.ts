/** Webhook endpoints: made, changed, given new secrets, tried out. Sending is the business of the delivery loop. */
import { toWire } from '#base/errors';
import type { Webhook } from '#contract/webhooks';
import { headingOf, type Destinations, type Replay } from '../deliveries/destinations';
import type { DeliveryRow } from '../deliveries/delivery-table';
import type { DestinationRow } from '../deliveries/destination-table';
import { receiverUrl, type PostJson } from '../deliveries/http-post';
import { createUlid } from '../store/ulid';
import { newSecret } from './signature';
import { sendMessage, webhookConfigSchema, type WebhookConfig } from './send-webhook';

export interface WebhookServiceOptions {
  readonly destinations: Destinations;
  readonly post: PostJson;
  now(): number;
}

export interface WebhookSettings {
  readonly url: string;
  readonly topics: readonly string[];
  readonly description: string;
  readonly allowPrivate: boolean;
}

/** What is not given stays. */
export type WebhookChange = { readonly [Name in keyof WebhookSettings]?: WebhookSettings[Name] | undefined };

const configOf = (row: DestinationRow): WebhookConfig => webhookConfigSchema.parse(JSON.parse(row.config));

export function createWebhookService({ destinations, post, now }: WebhookServiceOptions) {
  function toWebhook(row: DestinationRow): Webhook {
    const { url, description, allowPrivate, secrets } = configOf(row);
    const overlap = Math.max(0, ...secrets.map(({ until }) => until ?? 0));
    return {
      ...headingOf(row),
      url,
      description,
      allowPrivate,
      overlapUntil: overlap > now() ? new Date(overlap).toISOString() : null,
      deliveries: destinations.counts(row),
    };
  }

  function create(name: string, { url, topics, description, allowPrivate }: WebhookSettings, actor: string) {
    const secret = newSecret();
    const config: WebhookConfig = {
      url: receiverUrl(url).href,
      description,
      allowPrivate,
      secrets: [{ secret, until: null }],
    };
    const row = { kind: 'webhook' as const, name, topics: JSON.stringify(topics), config: JSON.stringify(config) };
    return { webhook: toWebhook(destinations.create(row, actor)), secret };
  }

  function update(ref: string, change: WebhookChange, actor: string): Webhook {
    const url = change.url === undefined ? undefined : receiverUrl(change.url).href;
    const next = (row: DestinationRow): DestinationRow => {
      const config = configOf(row);
      return {
        ...row,
        topics: change.topics === undefined ? row.topics : JSON.stringify(change.topics),
        config: JSON.stringify({
          ...config,
          url: url ?? config.url,
          description: change.description ?? config.description,
          allowPrivate: change.allowPrivate ?? config.allowPrivate,
        } satisfies WebhookConfig),
      };
    };
    return toWebhook(destinations.update(ref, next, actor));
  }

  function rotate(ref: string, overlapHours: number, actor: string) {
    const secret = newSecret();
    const until = now() + overlapHours * 3_600_000;
    const next = (row: DestinationRow): DestinationRow => {
      const { secrets, ...config } = configOf(row);
      // Of three in a row the first two may be good a while longer, none of them longer than it was promised.
      const kept = secrets
        .map((known) => ({ ...known, until: Math.min(known.until ?? until, until) }))
        .filter((known) => known.until > now());
      return { ...row, config: JSON.stringify({ ...config, secrets: [{ secret, until: null }, ...kept] }) };
    };
    return { webhook: toWebhook(destinations.update(ref, next, actor, 'rotated')), secret };
  }

  async function test(ref: string, signal: AbortSignal) {
    const row = destinations.find(ref);
    const started = performance.now();
    const message = {
      id: createUlid(now()),
      type: 'webhook.test',
      version: 1,
      timestamp: new Date(now()).toISOString(),
      data: { webhook: row.name },
    };
    const outcome = await sendMessage(post, configOf(row), message, now(), signal).catch((error: unknown) => ({
      ok: false as const,
      status: null,
      error: toWire(error).message,
    }));
    return {
      ok: outcome.ok,
      status: outcome.status,
      error: outcome.ok ? null : outcome.error,
      ms: Math.round(performance.now() - started),
    };
  }

  return {
    create,
    update,
    rotate,
    test,
    list: (): Webhook[] => destinations.all().map(toWebhook),
    show: (ref: string): Webhook => toWebhook(destinations.find(ref)),
    disable: (ref: string, actor: string): Webhook => toWebhook(destinations.disable(ref, actor)),
    enable: (ref: string, actor: string): Webhook => toWebhook(destinations.enable(ref, actor)),
    remove: (ref: string, actor: string): string => destinations.remove(ref, actor),
    deliveries: (ref: string, status: DeliveryRow['status'] | undefined, limit: number, offset: number) =>
      destinations.list(ref, status, limit, offset),
    replay: (ref: string, what: Replay, actor: string): number => destinations.replay(ref, what, actor),
  };
}
export type WebhookService = ReturnType<typeof createWebhookService>;
