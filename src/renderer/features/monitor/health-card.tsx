/** Health of every part: state, since when, what was found, what to do. What is not well comes first. */
import type { ComponentHealth, HealthState } from '#contract/health';
import { ago, instant } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Chip, type Tone } from '#renderer/ui/chip';
import { RemoteView } from '#renderer/ui/remote-view';
import { readPart, useMonitor } from './monitor-store';

const TONE: Readonly<Record<HealthState, Tone>> = { ok: 'gain', degraded: 'warn', failing: 'danger' };
const MARK: Readonly<Record<HealthState, string>> = { ok: '✓', degraded: '!', failing: '✕' };
const ORDER: readonly HealthState[] = ['failing', 'degraded', 'ok'];

export function HealthChip({ state }: { readonly state: HealthState }) {
  return (
    <Chip tone={TONE[state]}>
      <span aria-hidden="true">{MARK[state]}</span>
      {state}
    </Chip>
  );
}

function Part({ part, now }: { readonly part: ComponentHealth; readonly now: number }) {
  return (
    <tr>
      <th scope="row">{part.title}</th>
      <td>
        <HealthChip state={part.state} />
      </td>
      <td className="wrap-cell">
        {part.detail}
        {part.action !== null && <span className="small">{part.action}</span>}
      </td>
      <td className="right" title={instant(part.since)}>
        {ago(part.since, now)}
      </td>
    </tr>
  );
}

export function HealthCard() {
  const health = useMonitor((state) => state.health);
  return (
    <Card title="Health" span={7} flush>
      <RemoteView remote={health} what="the health of the parts" lines={9} retry={() => void readPart('health')}>
        {({ components }) => (
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Part</th>
                <th scope="col">State</th>
                <th scope="col">Found</th>
                <th scope="col" className="right">
                  Since
                </th>
              </tr>
            </thead>
            <tbody>
              {components
                .toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
                .map((part) => (
                  <Part key={part.component} part={part} now={Date.now()} />
                ))}
            </tbody>
          </table>
        )}
      </RemoteView>
    </Card>
  );
}
