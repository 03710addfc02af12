/** Monitor: whether everything that was asked of Sextant is done. What is wrong comes first; every part says what to do. */
import { useEffect } from 'react';
import type { Health } from '#contract/health';
import { Page } from '#renderer/ui/page';
import { AlertsCard } from './alerts-card';
import { HealthCard, HealthChip } from './health-card';
import { LogCard } from './log-card';
import { followMonitor, useMonitor } from './monitor-store';
import { AgesCard, AuditCard, NetworkCard } from './record-cards';
import { FlowHistoryCard, SchedulesCard } from './schedules-card';
import { SlosCard } from './slos-card';

function verdictOf({ status, components }: Health): string {
  if (status === 'ok') return 'Every part works.';
  const named = components.filter(({ state }) => state !== 'ok').map(({ title, state }) => `${title} is ${state}`);
  return `${named.join(', ')}.`;
}

export function MonitorPage() {
  const health = useMonitor((state) => state.health.value);
  useEffect(followMonitor, []);
  return (
    <Page
      title="Monitor"
      chip={health === null ? undefined : <HealthChip state={health.status} />}
      sentence={health === null ? 'Looking at every part.' : verdictOf(health)}
    >
      <div className="grid">
        <AlertsCard />
        <HealthCard />
        <SlosCard />
        <SchedulesCard />
        <FlowHistoryCard />
        <AgesCard />
        <NetworkCard />
        <AuditCard />
        <LogCard />
      </div>
    </Page>
  );
}
