/** The operations of `contract/webhooks.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { WebhookService } from './webhook-service';

export function createWebhookHandlers(webhooks: WebhookService): HandlersOf<'webhooks'> {
  return {
    list: async () => ({ webhooks: webhooks.list() }),
    create: async ({ name, ...settings }, { actor }) => webhooks.create(name, settings, actor),
    show: async ({ webhook }) => webhooks.show(webhook),
    update: async ({ webhook, ...change }, { actor }) => webhooks.update(webhook, change, actor),
    rotate: async ({ webhook, overlapHours }, { actor }) => webhooks.rotate(webhook, overlapHours, actor),
    disable: async ({ webhook }, { actor }) => webhooks.disable(webhook, actor),
    enable: async ({ webhook }, { actor }) => webhooks.enable(webhook, actor),
    remove: async ({ webhook }, { actor }) => ({ removed: webhooks.remove(webhook, actor) }),
    test: async ({ webhook }, { signal }) => webhooks.test(webhook, signal ?? new AbortController().signal),
    deliveries: async ({ webhook, status, limit, offset }) => webhooks.deliveries(webhook, status, limit, offset),
    replay: async ({ webhook, ...what }, { actor }) => ({ queued: webhooks.replay(webhook, what, actor) }),
  };
}
