/** Channels that are one HTTP POST: Slack-compatible incoming webhooks, and PagerDuty's Events API v2 (developer.pagerduty.com, "Send an alert event"). */
import type { AlertSeverity, TopicEvent } from '#contract/topics';
import type { ChannelTarget } from '#contract/channels';
import type { Outcome } from '../deliveries/delivery-loop';
import type { PostJson } from '../deliveries/http-post';
import { channelText } from './channel-text';

type Target<Kind extends ChannelTarget['kind']> = Extract<ChannelTarget, { kind: Kind }>;

const COLORS: Readonly<Record<AlertSeverity, string>> = {
  info: '#4c8dae',
  warning: '#d9a21b',
  error: '#d1602c',
  critical: '#b3261e',
};
const MOST_SUMMARY = 1024;

export function postSlack(post: PostJson, target: Target<'slack'>, event: TopicEvent, signal: AbortSignal) {
  const { title, body, severity } = channelText(event);
  const message = {
    text: escaped(title),
    attachments: [{ color: COLORS[severity], text: escaped(body), fallback: escaped(title), ts: seconds(event) }],
  };
  return send(post, target, message, 'slack', signal);
}

/** What is not an alert is no incident and is passed over. */
export async function postPagerDuty(
  post: PostJson,
  target: Target<'pagerduty'>,
  event: TopicEvent,
  signal: AbortSignal,
): Promise<Outcome> {
  const { title, body, severity, alert } = channelText(event);
  if (alert === null) return { ok: true, status: null };
  const heading = { routing_key: target.routingKey, dedup_key: `sextant-${alert.id}` };
  const message =
    alert.state === 'resolved'
      ? { ...heading, event_action: 'resolve' }
      : {
          ...heading,
          event_action: 'trigger',
          client: 'Sextant',
          payload: {
            summary: `${title}: ${body}`.slice(0, MOST_SUMMARY),
            source: alert.subject === '' ? 'sextant' : alert.subject,
            severity,
            timestamp: event.at,
            component: alert.rule,
            class: alert.state,
            custom_details: { message: body, event: event.id },
          },
        };
  return send(post, target, message, 'pagerduty', signal);
}

function send(
  post: PostJson,
  { url, allowPrivate }: { readonly url: string; readonly allowPrivate: boolean },
  message: unknown,
  purpose: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const headers = { 'Content-Type': 'application/json' };
  return post({ url, body: JSON.stringify(message), headers, allowPrivate, purpose }, signal);
}

/** Slack's three reserved characters; nothing in a message can become a link or a mention. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const seconds = ({ at }: TopicEvent): number => Math.floor(Date.parse(at) / 1000);
