/**
 * What leaves the engine for other programs and people: events, alerts, and the destinations that they are delivered to. Wires and starts
 * them; the engine hands over its parts and gets back `publish` and `alerts`, which every noun may call.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createAlertService } from './alerts/alert-service';
import { createAlertHandlers } from './alerts/handlers';
import type { CallContext, Handlers } from './api/handlers';
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
import type { ChangeFeed } from './events';
import type { Host } from './host';
import type { PrivacyService } from './privacy/privacy-service';
import { createSignalHandlers } from './signals/handlers';
import { createSignalService } from './signals/signal-service';
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
  readonly changes: Pick<ChangeFeed, 'publish'>;
  /** What answers signals; asked for when one comes. */
  models(): Pick<Handlers['models'], 'show' | 'predict'>;
}

/** Who asks a model on behalf of a signal. */
const SIGNALS: CallContext = {
  actor: 'signals',
  transport: 'inline',
  scopes: new Set(),
  signal: undefined,
  lastEventId: undefined,
};

export function createHooks(options: HooksOptions) {
  const { database, audit, host, privacy, changes, models } = options;
  const now = (): number => host.now();
  const outbox = createOutbox({ database, now });
  const stream = createTopicStream(outbox);
  const alerts = createAlertService({
    database,
    audit,
    publish: outbox.publish,
    now,
    onChange: (id) => changes.publish({ noun: 'alerts', id, action: 'updated' }),
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
    onChange: (id) => changes.publish({ noun: 'webhooks', id, action: 'updated' }),
  });
  const shared = { database, outbox, loop, audit, now };
  const webhooks = createWebhookService({
    destinations: createDestinations(
      { ...shared, onChange: (id, action) => changes.publish({ noun: 'webhooks', id, action }) },
      'webhook',
      ['webhook'],
    ),
    post,
    now,
  });

  const channelDestinations = createDestinations(
    { ...shared, onChange: (id, action) => changes.publish({ noun: 'channels', id, action }) },
    'channel',
    ['desktop', 'slack', 'pagerduty', 'email', 'redis'],
  );
  const channels = createChannelService({ ...sending, destinations: channelDestinations, now });
  const watch = createAlertWatch({ alerts, clock, log: host.log });
  const probe = createProbe({ database, alerts, clock, log: host.log, address: () => ownUrl });

  const signals = createSignalService({
    database,
    audit,
    alerts,
    log: host.log,
    now,
    monotonic: () => clock.monotonic(),
    modelName: async (model) => (await models().show({ model }, SIGNALS)).name,
    predict: (question) => models().predict(question, SIGNALS),
    onChange: (id) => changes.publish({ noun: 'signals', id, action: 'updated' }),
  });

  return {
    publish: outbox.publish,
    alerts,
    signals: { receive: signals.receive },
    handlers: {
      topics: createTopicHandlers(stream),
      alerts: createAlertHandlers(alerts),
      webhooks: createWebhookHandlers(webhooks),
      channels: createChannelHandlers(channels, channelDestinations),
      signals: createSignalHandlers(signals),
    } satisfies Partial<Handlers>,
    /** Where this program listens; its own address is no receiver. */
    ownAddress<Address extends { readonly url: string }>(address: Address): Address {
      ownUrl = address.url;
      ownPorts.add(Number(new URL(ownUrl).port));
      return address;
    },
    /** Sends what an earlier host left, and what is published from now on. */
    start(): void {
      loop.tick();
      watch.start();
      probe.start();
      signals.start();
    },
    /** Resolves when nothing is being sent. */
    async settled(): Promise<void> {
      await nextTurn(); // what was published is offered in a later turn
      await probe.settled();
      await signals.settled();
      await loop.settled();
    },
    async close(): Promise<void> {
      watch.close();
      stream.close();
      await probe.close();
      await signals.close();
      await loop.close();
    },
  };
}
