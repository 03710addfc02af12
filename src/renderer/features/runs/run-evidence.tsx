/** What a result rests on: its provenance, and warnings. */
import type { Run } from '#contract/runs';
import { duration, instant, plural, words } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { CopyButton } from '#renderer/ui/copy-button';
import { Link } from '@tanstack/react-router';

export function WarningsCard({ warnings }: { readonly warnings: readonly string[] }) {
  return (
    <section className="notice" data-tone="warn" aria-label="Warnings">
      <h2>{plural(warnings.length, 'warning')}</h2>
      <ul style={{ paddingLeft: 18 }}>
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </section>
  );
}

function facts({ provenance, createdAt, finishedAt }: Run): readonly (readonly [string, string])[] {
  const total = Object.entries(provenance.timings).map(
    ([stage, ms]) => `${words(stage).toLowerCase()} ${duration(ms)}`,
  );
  return [
    ['Identity', provenance.identity],
    ['Result', provenance.resultHash ?? 'none'],
    ['Configuration', provenance.configHash],
    ['Dataset', provenance.datasetHash],
    [
      'Application',
      `${provenance.appVersion}${provenance.gitCommit === null ? '' : ` · ${provenance.gitCommit.slice(0, 12)}`}`,
    ],
    ['Lock file', provenance.lockHash],
    ['Seed', String(provenance.seed)],
    ['Device', `${provenance.device} · ${provenance.backend}`],
    ['Environment', provenance.environmentHash ?? 'not known'],
    ['Node', `${provenance.node} · ${provenance.platform}`],
    ['Started', instant(createdAt)],
    ['Finished', instant(finishedAt)],
    ['Timings', total.join(', ') || 'none'],
  ];
}

const HASHES = new Set(['Identity', 'Result', 'Configuration', 'Dataset', 'Lock file', 'Environment']);

/** What a rerun proved about the run that it repeats. */
export function RerunNotice({ rerun }: { readonly rerun: NonNullable<Run['rerun']> }) {
  return (
    <section className="notice" data-tone={rerun.equal === false ? 'warn' : 'quiet'} aria-label="Rerun">
      <h2>{rerun.equal === true ? 'Rerun: the same bits' : rerun.equal === false ? 'Rerun: not the same' : 'Rerun'}</h2>
      <p style={{ overflowWrap: 'anywhere' }}>{rerun.verdict}</p>
      {rerun.identity.length > 0 && (
        <dl>
          {rerun.identity.map(({ field, before, after }) => (
            <div key={field} style={{ display: 'contents' }}>
              <dt>{words(field)}</dt>
              <dd className="mono" style={{ overflowWrap: 'anywhere' }}>
                {before} → {after}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

export function ProvenanceCard({ run }: { readonly run: Run }) {
  const { rerunOf } = run.provenance;
  return (
    <Card
      title="Provenance"
      id="provenance"
      actions={<CopyButton text={JSON.stringify({ run: run.id, ...run.provenance }, null, 2)} />}
    >
      <dl className="facts">
        {facts(run).map(([term, value]) => (
          <div key={term} style={{ display: 'contents' }}>
            <dt>{term}</dt>
            <dd className={HASHES.has(term) ? 'mono clip' : undefined} title={HASHES.has(term) ? value : undefined}>
              {value}
            </dd>
          </div>
        ))}
        {rerunOf !== null && (
          <>
            <dt>Rerun of</dt>
            <dd>
              <Link to="/research/$run" params={{ run: rerunOf }}>
                {rerunOf}
              </Link>
            </dd>
          </>
        )}
      </dl>
    </Card>
  );
}
