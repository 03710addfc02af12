/** Channels: made, switched, tried out. Sending is the business of the delivery loop. */
import { toWire } from '#base/errors';
import type { Channel, ChannelTarget } from '#contract/channels';
import type { AlertSeverity, TopicEvent } from '#contract/topics';
import { headingOf, type Destinations } from '../deliveries/destinations';
import type { DestinationRow } from '../deliveries/destination-table';
import { receiverUrl } from '../deliveries/http-post';
import { createUlid } from '../store/ulid';
import { checkMailTarget } from './mail-channel';
import { loadRedis, redisUrl } from './redis-bridge';
import { channelConfigSchema, sendThrough, type ChannelConfig, type SendOptions } from './send-channel';

export interface ChannelServiceOptions extends SendOptions {
  readonly destinations: Destinations;
  now(): number;
}

export interface NewChannel {
  readonly name: string;
  readonly target: ChannelTarget;
  readonly topics: readonly string[];
  readonly minSeverity: AlertSeverity;
  readonly escalatedOnly: boolean;
}

const configOf = (row: DestinationRow): ChannelConfig => channelConfigSchema.parse(JSON.parse(row.config));

export function createChannelService(options: ChannelServiceOptions) {
  const { destinations, now } = options;

  function toChannel(row: DestinationRow): Channel {
    const { target, minSeverity, escalatedOnly } = configOf(row);
    return {
      ...headingOf(row),
      kind: target.kind,
      address: addressOf(target),
      minSeverity,
      escalatedOnly,
      deliveries: destinations.counts(row),
    };
  }

  async function create({ name, target, topics, minSeverity, escalatedOnly }: NewChannel, actor: string) {
    await check(target);
    const config: ChannelConfig = { target, minSeverity, escalatedOnly };
    const row = { kind: target.kind, name, topics: JSON.stringify(topics), config: JSON.stringify(config) };
    return toChannel(destinations.create(row, actor));
  }

  async function test(ref: string, signal: AbortSignal) {
    const row = destinations.find(ref);
    const started = performance.now();
    const id = createUlid(now());
    const at = new Date(now()).toISOString();
    const event: TopicEvent = {
      seq: 0,
      id,
      topic: 'risk.alerts',
      version: 1,
      at,
      data: {
        alert: id,
        state: 'escalated',
        rule: 'channels.test',
        severity: 'critical',
        subject: row.name,
        message: 'This is a test. Nothing is wrong.',
        at,
      },
    };
    const outcome = await sendThrough(options, configOf(row), event, signal).catch((error: unknown) => ({
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
    test,
    list: (): Channel[] => destinations.all().map(toChannel),
    disable: (ref: string, actor: string): Channel => toChannel(destinations.disable(ref, actor)),
    enable: (ref: string, actor: string): Channel => toChannel(destinations.enable(ref, actor)),
  };
}
export type ChannelService = ReturnType<typeof createChannelService>;

/** What would fail at every delivery fails when the channel is made. Errors: BAD_REQUEST, UNAVAILABLE. */
async function check(target: ChannelTarget): Promise<void> {
  switch (target.kind) {
    case 'desktop':
      return;
    case 'slack':
    case 'pagerduty':
      receiverUrl(target.url);
      return;
    case 'email':
      checkMailTarget(target);
      return;
    case 'redis':
      redisUrl(target.url);
      await loadRedis();
  }
}

/** Paths of chat webhooks and passwords in addresses are secrets. */
function addressOf(target: ChannelTarget): string {
  switch (target.kind) {
    case 'desktop':
      return 'this desktop';
    case 'slack':
    case 'pagerduty':
    case 'redis':
      return new URL(target.url).host;
    case 'email':
      return target.to.join(', ');
  }
}
