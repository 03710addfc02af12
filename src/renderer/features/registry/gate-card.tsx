/** The checklist of a promotion: each check with its rule, what was found, and the numbers behind it. */
import type { GateCheck, PromotionGate } from '#contract/registry';
import { instant, plain } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Chip, type Tone } from '#renderer/ui/chip';
import { DecisionChip } from './stage-chip';

const TONES: Readonly<Record<GateCheck['status'], Tone>> = {
  passed: 'gain',
  failed: 'danger',
  warning: 'warn',
  'not-run': 'neutral',
};
const MARKS = { passed: '✓', failed: '✕', warning: '!', 'not-run': '–' } as const;

function Check({ check }: { readonly check: GateCheck }) {
  return (
    <details className="guard gate-check">
      <summary>
        <Chip tone={TONES[check.status]}>
          <span aria-hidden="true">{MARKS[check.status]}</span>
          {check.status === 'not-run' ? 'not run' : check.status}
        </Chip>
        <span>
          <strong>{check.title}</strong>
          <span className="small">{check.summary}</span>
        </span>
      </summary>
      <div className="stack tight guard-evidence">
        <p>
          <span className="faint">Rule: </span>
          {check.rule}
        </p>
        {check.figures.length > 0 && (
          <dl className="facts">
            {check.figures.map((figure) => (
              <div key={figure.name} style={{ display: 'contents' }}>
                <dt>{figure.name}</dt>
                <dd>
                  {plain(figure.value)} {figure.unit}
                </dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </details>
  );
}

export function GateCard({ gate }: { readonly gate: PromotionGate | null }) {
  return (
    <Card title="Gate" id="gate" actions={gate !== null && <DecisionChip decision={gate.decision} />}>
      {gate === null ? (
        <p className="secondary">
          Not run yet. Promote runs it: artifacts, leakage audit, golden rows, out-of-sample threshold, drift, and
          significance against the champion.
        </p>
      ) : (
        <div className="stack tight">
          <p>{gate.verdict}</p>
          {gate.override !== null && (
            <p className="secondary">
              <span className="faint">Reason: </span>
              {gate.override}
            </p>
          )}
          {gate.checks.map((check) => (
            <Check key={check.id} check={check} />
          ))}
          <p className="caption">
            Against {gate.champion === null ? 'equal weight, as there was no champion' : gate.champion.label},{' '}
            {instant(gate.at)}
          </p>
        </div>
      )}
    </Card>
  );
}
