/** The inbox of alerts: severity, rule, since when, how often, cause; somebody says that they are at it. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { Alert } from '#contract/alerts';
import type { AlertSeverity } from '#contract/topics';
import { toAppError } from '#renderer/app/client';
import { ago, instant, plural } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Chip, type Tone } from '#renderer/ui/chip';
import { RemoteView } from '#renderer/ui/remote-view';
import { acknowledge, readPart, useMonitor } from './monitor-store';

const TONE: Readonly<Record<AlertSeverity, Tone>> = {
  info: 'neutral',
  warning: 'warn',
  error: 'danger',
  critical: 'danger',
};

function take(alert: string): void {
  acknowledge(alert).catch((error: unknown) =>
    notifications.show({ color: 'red', title: 'Not acknowledged', message: toAppError(error).message }),
  );
}

function Row({ alert, now }: { readonly alert: Alert; readonly now: number }) {
  return (
    <li className="alert-row">
      <Chip tone={TONE[alert.severity]}>{alert.severity}</Chip>
      <div className="stack tight">
        <p>{alert.message}</p>
        <p className="caption">
          <code>{alert.rule}</code>
          {alert.subject !== '' && ` · ${alert.subject}`} · first{' '}
          <span title={instant(alert.raisedAt)}>{ago(alert.raisedAt, now)}</span> · {plural(alert.times, 'time')}
        </p>
      </div>
      {alert.state === 'open' ? (
        <Button size="compact-sm" variant="default" onClick={() => take(alert.id)}>
          Acknowledge
        </Button>
      ) : (
        <Chip title={alert.acknowledgedBy ?? undefined}>{alert.state}</Chip>
      )}
    </li>
  );
}

export function AlertsCard() {
  const alerts = useMonitor((state) => state.alerts);
  return (
    <Card title="Alerts" span={12}>
      <RemoteView remote={alerts} what="the alerts" lines={2} retry={() => void readPart('alerts')}>
        {(open) =>
          open.length === 0 ? (
            <p className="faint">No open alert.</p>
          ) : (
            <ul className="plain-list stack">
              {open.map((alert) => (
                <Row key={alert.id} alert={alert} now={Date.now()} />
              ))}
            </ul>
          )
        }
      </RemoteView>
    </Card>
  );
}
