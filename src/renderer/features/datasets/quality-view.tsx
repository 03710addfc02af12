/** The quality report: findings grouped by kind, worst first, each with its count, samples and what was done about it. */
import { useEffect, useState } from 'react';
import type { QualityReport } from '#contract/datasets';
import { integer, plain } from '#renderer/format';
import { Chip, type Tone } from '#renderer/ui/chip';
import { EmptyState } from '#renderer/ui/empty-state';
import { RemoteView } from '#renderer/ui/remote-view';
import { type Finding, readQuality, useDatasets } from './datasets-store';

const ORDER = { error: 0, warning: 1, info: 2 } as const;
const TONES: Readonly<Record<Finding['severity'], Tone>> = { error: 'danger', warning: 'warn', info: 'neutral' };
const WORDS = { error: 'error', warning: 'warning', info: 'note' } as const;

function Samples({ finding }: { readonly finding: Finding }) {
  const noted = finding.samples.some(({ note }) => note !== undefined && note !== '');
  if (finding.samples.length === 0) return <p className="faint">No single rows to show.</p>;
  return (
    <>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Asset</th>
            <th scope="col">Date</th>
            <th scope="col" className="right">
              Value
            </th>
            {noted && <th scope="col">Note</th>}
          </tr>
        </thead>
        <tbody>
          {finding.samples.map((sample, index) => (
            <tr key={index}>
              <th scope="row">{sample.asset || '–'}</th>
              <td>{sample.date || '–'}</td>
              <td className="right">{plain(sample.value)}</td>
              {noted && <td style={{ whiteSpace: 'normal' }}>{sample.note}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {finding.count > finding.samples.length && (
        <p className="caption">
          {integer(finding.samples.length)} of {integer(finding.count)} shown.
        </p>
      )}
    </>
  );
}

function Findings({ report }: { readonly report: QualityReport }) {
  const sorted = [...report.findings].sort((a, b) => ORDER[a.severity] - ORDER[b.severity] || b.count - a.count);
  const [kind, setKind] = useState(sorted[0]?.kind);
  const chosen = sorted.find((finding) => finding.kind === kind) ?? sorted[0];
  if (chosen === undefined) {
    return (
      <EmptyState
        title="Nothing was found"
        text="All checks passed: no gaps, duplicates, stale prices, jumps or impossible values."
      />
    );
  }
  return (
    <div className="grid" style={{ alignItems: 'start' }}>
      <section className="card" style={{ gridColumn: 'span 5' }} aria-label="Findings">
        <ul className="plain-list finding-list">
          {sorted.map((finding) => (
            <li key={finding.kind}>
              <button type="button" aria-pressed={finding.kind === chosen.kind} onClick={() => setKind(finding.kind)}>
                <Chip tone={TONES[finding.severity]}>{WORDS[finding.severity]}</Chip>
                <span className="clip">{finding.title}</span>
                <span className="num">{integer(finding.count)}</span>
              </button>
            </li>
          ))}
        </ul>
      </section>
      <section className="card" style={{ gridColumn: 'span 7' }} aria-labelledby="finding-title">
        <header>
          <h2 id="finding-title">{chosen.title}</h2>
          <span className="caption mono">{chosen.kind}</span>
        </header>
        <div className="card-body stack">
          <p>
            <span className="faint">What was done: </span>
            {chosen.action}
          </p>
          <Samples finding={chosen} />
        </div>
      </section>
    </div>
  );
}

export function QualityView({ dataset }: { readonly dataset: string }) {
  const remote = useDatasets((state) => state.quality[dataset]);
  useEffect(() => {
    void readQuality(dataset);
  }, [dataset]);
  return (
    <RemoteView remote={remote} what="the quality report" retry={() => void readQuality(dataset)}>
      {(report) => <Findings report={report} />}
    </RemoteView>
  );
}
