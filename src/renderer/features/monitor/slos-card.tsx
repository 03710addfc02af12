/** Service levels: the promise, the error budget that is left as a bar, and how fast it is used up. */
import type { Slo, SloState } from '#contract/slos';
import { decimal, percent, words } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Chip, type Tone } from '#renderer/ui/chip';
import { RemoteView } from '#renderer/ui/remote-view';
import { readPart, useMonitor } from './monitor-store';

const TONE: Readonly<Record<SloState, Tone>> = {
  ok: 'gain',
  idle: 'neutral',
  burning: 'warn',
  spent: 'danger',
  'cannot-evaluate': 'danger',
};
const WINDOWS: Readonly<Record<string, string>> = { 'burn-1h': '1 h', 'burn-6h': '6 h', 'burn-3d': '3 d' };

function Budget({ slo }: { readonly slo: Slo }) {
  if (slo.budgetLeft === null) return null;
  const left = Math.min(1, Math.max(0, slo.budgetLeft));
  return (
    <div className="stack tight">
      <div
        className="budget"
        role="meter"
        aria-label={`Error budget left, ${slo.title}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * left)}
        data-tone={TONE[slo.state]}
      >
        <i style={{ width: `${100 * left}%` }} />
      </div>
      <p className="row apart caption num">
        <span>{percent(slo.budgetLeft)} of the error budget left</span>
        <span title="How many times too fast the budget is used up, by window. 1 uses it up in exactly the window.">
          burn{' '}
          {slo.rules
            .map(({ rule, longBurn }) => `${WINDOWS[rule] ?? rule} ${longBurn === null ? '–' : decimal(longBurn, 1)}`)
            .join(' · ')}
        </span>
      </p>
    </div>
  );
}

function Level({ slo }: { readonly slo: Slo }) {
  return (
    <li className="stack tight">
      <div className="row apart">
        <h3>{slo.title}</h3>
        <Chip tone={TONE[slo.state]}>{words(slo.state)}</Chip>
      </div>
      <Budget slo={slo} />
      <p className="caption">
        {slo.objective} {slo.detail}
      </p>
    </li>
  );
}

export function SlosCard() {
  const slos = useMonitor((state) => state.slos);
  return (
    <Card title="Service levels" span={5}>
      <RemoteView remote={slos} what="the service levels" lines={10} retry={() => void readPart('slos')}>
        {(list) => (
          <ul className="plain-list stack">
            {list.slos.map((slo) => (
              <Level key={slo.slo} slo={slo} />
            ))}
          </ul>
        )}
      </RemoteView>
    </Card>
  );
}
