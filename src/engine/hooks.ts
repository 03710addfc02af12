/**
 * What leaves the engine for other programs and people: events, alerts, and the destinations that they are delivered to. Wires and starts
 * them; the engine hands over its parts and gets back `publish` and `alerts`, which every noun may call.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Change } from '#contract/system';
import { createAlertService } from './alerts/alert-service';
import { createAlertHandlers } from './alerts/handlers';
import type { Handlers } from './api/handlers';
import type { AuditLog } from './audit/audit-log';
import { createAlertWatch } from './alerts/alert-watch';
import { createProbe } from './alerts/probe';
import { createChannelService } from './channels/channel-service';
import { createChannelHandlers } from './channels/handlers';
import { channelTransport } from './channels/send-channel';
import { systemResolve, type Resolve } from './deliveries/address-guard';
import { createDeliveryLoop } from './deliveries/delivery-loop';
import { createDestinations } from './deliveries/destinations';
import { createPost, type PostOptions } from './deliveries/http-post';
import type { Host } from './host';
import type { PrivacyService } from './privacy/privacy-service';
import { systemClock, type Clock } from './schedules/clock';
import type { Database } from './store/database';
import { createTopicStream } from './topics/event-stream';
import { createTopicHandlers } from './topics/handlers';
import { createOutbox } from './topics/outbox';
import { createWebhookHandlers } from './webhooks/handlers';
import { webhookTransport } from './webhooks/send-webhook';
import { createWebhookService } from './webhooks/webhook-service';

export interface HooksOptions {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly host: Pick<Host, 'now' | 'log' | 'notify'>;
  readonly privacy: Pick<PrivacyService, 'admit'>;
  readonly clock?: Clock;
  readonly resolve?: Resolve;
  onChange(change: Omit<Change, 'seq'>): void;
}

export function createHooks(options: HooksOptions) {
  const { database, audit, host, privacy, onChange } = options;
  const now = (): number => host.now();
  const outbox = createOutbox({ database, now });
  const stream = createTopicStream(outbox);
  const alerts = createAlertService({
    database,
    audit,
    publish: outbox.publish,
    now,
    onChange: (id) => onChange({ noun: 'alerts', id, action: 'updated' }),
  });
  const ownPorts = new Set<number>();
  let ownUrl: string | null = null;
  const network: PostOptions = {
    resolve: options.resolve ?? systemResolve,
    ownPorts: () => ownPorts,
    admit: (to, port, purpose) => privacy.admit({ host: to, port }, purpose),
  };
  const post = createPost(network);
  const clock = options.clock ?? systemClock(now);
  const sending = { network, post, host };
  const channel = channelTransport(sending);
  const loop = createDeliveryLoop({
    database,
    outbox,
    clock,
    transports: {
      webhook: webhookTransport(post, now),
      desktop: channel,
      slack: channel,
      pagerduty: channel,
      email: channel,
      redis: channel,
    },
    alerts,
    log: host.log,
    onChange: (id) => onChange({ noun: 'webhooks', id, action: 'updated' }),
  });
  const shared = { database, outbox, loop, audit, now };
  const webhooks = createWebhookService({
    destinations: createDestinations(
      { ...shared, onChange: (id, action) => onChange({ noun: 'webhooks', id, action }) },
      'webhook',
      ['webhook'],
    ),
    post,
    now,
  });

  const channelDestinations = createDestinations(
    { ...shared, onChange: (id, action) => onChange({ noun: 'channels', id, action }) },
    'channel',
    ['desktop', 'slack', 'pagerduty', 'email', 'redis'],
  );
  const channels = createChannelService({ ...sending, destinations: channelDestinations, now });
  const watch = createAlertWatch({ alerts, clock, log: host.log });
  const probe = createProbe({ database, alerts, clock, log: host.log, address: () => ownUrl });

  return {
    publish: outbox.publish,
    alerts,
    handlers: {
      topics: createTopicHandlers(stream),
      alerts: createAlertHandlers(alerts),
      webhooks: createWebhookHandlers(webhooks),
      channels: createChannelHandlers(channels, channelDestinations),
    } satisfies Partial<Handlers>,
    /** Where this program listens; its own address is no receiver. */
    ownAddress(url: string): void {
      ownUrl = url;
      ownPorts.add(Number(new URL(url).port));
    },
    /** Sends what an earlier host left, and what is published from now on. */
    start(): void {
      loop.tick();
      watch.start();
      probe.start();
    },
    /** Resolves when nothing is being sent. */
    async settled(): Promise<void> {
      await nextTurn(); // what was published is offered in a later turn
      await probe.settled();
      await loop.settled();
    },
    async close(): Promise<void> {
      watch.close();
      stream.close();
      await probe.close();
      await loop.close();
    },
  };
}
