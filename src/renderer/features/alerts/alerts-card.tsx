/** The inbox of alerts: what is wrong now, the worst first, and the three things that one can do about it. Stands on the Overview and the Monitor page. */
import { Button } from '@mantine/core';
import { useEffect } from 'react';
import type { Alert } from '#contract/alerts';
import { ago, instant, plural } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Chip, type Tone } from '#renderer/ui/chip';
import { RemoteView } from '#renderer/ui/remote-view';
import {
  acknowledgeAlert,
  type AlertList,
  followAlerts,
  readAlerts,
  resolveAlert,
  snoozeAlert,
  useAlerts,
} from './alerts-store';

const SNOOZE_MINUTES = 60;

const TONE: Readonly<Record<Alert['severity'], Tone>> = {
  info: 'neutral',
  warning: 'warn',
  error: 'danger',
  critical: 'danger',
};
const MARK: Readonly<Record<Alert['severity'], string>> = { info: 'i', warning: '!', error: '✕', critical: '✕✕' };

function stateOf({ state, acknowledgedBy, snoozedUntil, escalatedAt }: Alert): string {
  if (state === 'acknowledged') return `acknowledged by ${acknowledgedBy}`;
  if (state === 'snoozed') return `put off until ${instant(snoozedUntil)}`;
  return escalatedAt === null ? '' : 'escalated';
}

function Actions({ alert }: { readonly alert: Alert }) {
  const doing = useAlerts((state) => state.doing);
  const about = `${alert.rule} ${alert.subject}`.trim();
  const button = { size: 'compact-sm', variant: 'default', disabled: doing !== null } as const;
  return (
    <span className="row">
      {alert.state !== 'acknowledged' && (
        <Button {...button} aria-label={`Acknowledge ${about}`} onClick={() => void acknowledgeAlert(alert.id)}>
          Acknowledge
        </Button>
      )}
      {alert.state === 'open' && (
        <Button
          {...button}
          aria-label={`Snooze ${about} for an hour`}
          onClick={() => void snoozeAlert(alert.id, SNOOZE_MINUTES)}
        >
          Snooze 1 h
        </Button>
      )}
      <Button {...button} aria-label={`Resolve ${about}`} onClick={() => void resolveAlert(alert.id)}>
        Resolve
      </Button>
    </span>
  );
}

function Row({ alert }: { readonly alert: Alert }) {
  const { severity, rule, subject, message, raisedAt, times } = alert;
  const facts = [ago(raisedAt, Date.now()), times > 1 ? `raised ${plural(times, 'time')}` : '', stateOf(alert)].filter(
    (fact) => fact !== '',
  );
  return (
    <li className="stack tight">
      <span className="row wrap">
        <Chip tone={TONE[severity]}>
          <span aria-hidden="true">{MARK[severity]}</span>
          {severity}
        </Chip>
        <strong className="clip">{subject === '' ? rule : `${rule} · ${subject}`}</strong>
        <span className="caption" title={instant(raisedAt)}>
          {facts.join(' · ')}
        </span>
      </span>
      <p>{message}</p>
      <Actions alert={alert} />
    </li>
  );
}

function Listed({ list: { alerts, total }, most }: { readonly list: AlertList; readonly most: number }) {
  const failure = useAlerts((state) => state.failure);
  if (alerts.length === 0) return <p className="secondary">Nothing is wrong that anybody was told of.</p>;
  return (
    <div className="stack">
      {failure !== null && <p role="alert">{failure.message}</p>}
      <ul className="stack plain-list" aria-label="Open alerts">
        {alerts.slice(0, most).map((alert) => (
          <Row key={alert.id} alert={alert} />
        ))}
      </ul>
      {total > most && <p className="caption">{total - most} more: sextant alerts list</p>}
    </div>
  );
}

/** @param most alerts shown; the rest are counted */
export function AlertsCard({ most = 10, span }: { readonly most?: number; readonly span?: number }) {
  const open = useAlerts((state) => state.open);
  useEffect(followAlerts, []);
  const total = open.value?.total ?? 0;
  return (
    <Card title={total === 0 ? 'Alerts' : `Alerts (${total})`} {...(span === undefined ? {} : { span })}>
      <RemoteView remote={open} what="the alerts" lines={2} retry={() => void readAlerts()}>
        {(list) => <Listed list={list} most={most} />}
      </RemoteView>
    </Card>
  );
}
