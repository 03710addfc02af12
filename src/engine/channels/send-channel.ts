/** Sends one event through a channel of any kind, where the channel's choices let it pass. */
import { z } from 'zod';
import { alertSeveritySchema, type TopicEvent } from '#contract/topics';
import { channelTargetSchema } from '#contract/channels';
import type { Outcome, Transport } from '../deliveries/delivery-loop';
import type { PostJson, PostOptions } from '../deliveries/http-post';
import type { Host } from '../host';
import { channelText } from './channel-text';
import { postPagerDuty, postSlack } from './http-channels';
import { sendMail } from './mail-channel';
import { addToRedis } from './redis-bridge';

/** What is stored of a channel. */
export const channelConfigSchema = z.strictObject({
  target: channelTargetSchema,
  minSeverity: alertSeveritySchema,
  escalatedOnly: z.boolean(),
});
export type ChannelConfig = z.infer<typeof channelConfigSchema>;

export interface SendOptions {
  readonly network: PostOptions;
  readonly post: PostJson;
  readonly host: Pick<Host, 'notify'>;
}

const RANK = alertSeveritySchema.options;

export function channelTransport(options: SendOptions): Transport {
  return async ({ config }, event, signal) =>
    sendThrough(options, channelConfigSchema.parse(JSON.parse(config)), event, signal);
}

export async function sendThrough(
  { network, post, host }: SendOptions,
  config: ChannelConfig,
  event: TopicEvent,
  signal: AbortSignal,
): Promise<Outcome> {
  const { target } = config;
  if (!isWanted(config, event)) return { ok: true, status: null };
  switch (target.kind) {
    case 'desktop':
      return notify(host, event);
    case 'slack':
      return postSlack(post, target, event, signal);
    case 'pagerduty':
      return postPagerDuty(post, target, event, signal);
    case 'email':
      return sendMail(network, target, event, signal);
    case 'redis':
      return addToRedis(network, target, event);
  }
}

/** Once something was told to a channel, its end is told there too, however mild the alert has become. */
function isWanted({ minSeverity, escalatedOnly }: ChannelConfig, event: TopicEvent): boolean {
  const { alert, severity } = channelText(event);
  if (alert === null) return true;
  if (RANK.indexOf(severity) < RANK.indexOf(minSeverity)) return false;
  return !escalatedOnly || alert.state === 'escalated' || alert.state === 'resolved';
}

function notify({ notify: show }: Pick<Host, 'notify'>, event: TopicEvent): Outcome {
  if (show === undefined) {
    return { ok: false, status: null, error: 'The desktop program is not running; it is shown when it opens.' };
  }
  const { title, body, severity } = channelText(event);
  show({ title, body, urgent: severity === 'critical' || severity === 'error' });
  return { ok: true, status: null };
}
