/** What a person reads of an event: a title of one line, the message, and how urgent it is. */
import { TOPICS, topicSpec, type AlertSeverity, type TopicEvent } from '#contract/topics';

export interface ChannelText {
  readonly title: string;
  readonly body: string;
  readonly severity: AlertSeverity;
  /** Groups what is said about one thing: an alert, a run. */
  readonly subject: string;
  readonly alert: AlertText | null;
}

export interface AlertText {
  readonly id: string;
  readonly state: 'raised' | 'worsened' | 'reminded' | 'escalated' | 'resolved';
  readonly rule: string;
  readonly subject: string;
}

const PREFIX: Readonly<Record<AlertText['state'], string>> = {
  raised: '',
  worsened: 'Worse: ',
  reminded: 'Still open: ',
  escalated: 'Nobody has acknowledged: ',
  resolved: 'Resolved: ',
};

export function channelText(event: TopicEvent): ChannelText {
  const alert = event.topic === 'risk.alerts' ? TOPICS['risk.alerts'].payload.safeParse(event.data) : null;
  if (alert?.success === true) {
    const { alert: id, state, rule, severity, subject, message } = alert.data;
    const about = subject === '' ? rule : `${rule} · ${subject}`;
    return {
      title: `${PREFIX[state]}[${severity}] ${about}`,
      body: message,
      severity,
      subject: id,
      alert: { id, state, rule, subject },
    };
  }
  const facts = Object.entries(event.data)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .map(([name, value]) => `${name}: ${String(value)}`);
  return {
    title: `${topicSpec(event.topic)?.title ?? event.topic} (${event.topic})`,
    body: facts.join('\n'),
    severity: 'info',
    subject: event.id,
    alert: null,
  };
}
