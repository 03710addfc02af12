/** The leakage audit of a run: what every run checks by itself, the eight guards with their evidence, and the button that runs them. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { GuardFinding, LeakageAudit } from '#contract/audits';
import type { Run } from '#contract/runs';
import { client, toAppError } from '#renderer/app/client';
import { instant, integer, plain, plural } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Chip, type Tone } from '#renderer/ui/chip';
import { JobPanel } from '../jobs/job-panel';
import { useJobs } from '../jobs/jobs-store';
import { AuditChip } from './verdict';

const TONES: Readonly<Record<GuardFinding['status'], Tone>> = {
  passed: 'gain',
  failed: 'danger',
  warning: 'warn',
  'not-run': 'neutral',
};
const MARKS = { passed: '✓', failed: '✕', warning: '!', 'not-run': '–' } as const;

function Evidence({ guard }: { readonly guard: GuardFinding }) {
  return (
    <div className="stack tight guard-evidence">
      <p className="secondary">{guard.proves}</p>
      <p>
        <span className="faint">Gate: </span>
        {guard.gate}
      </p>
      {guard.figures.length > 0 && (
        <dl className="facts">
          {guard.figures.map((figure) => (
            <div key={figure.name} style={{ display: 'contents' }}>
              <dt>{figure.name}</dt>
              <dd>
                {plain(figure.value)} {figure.unit}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {guard.notes.map((note) => (
        <p key={note} className="caption">
          {note}
        </p>
      ))}
    </div>
  );
}

function Guards({ leakage }: { readonly leakage: LeakageAudit }) {
  return (
    <div className="stack tight">
      {leakage.guards.map((guard) => (
        <details key={guard.id} className="guard">
          <summary>
            <Chip tone={TONES[guard.status]}>
              <span aria-hidden="true">{MARKS[guard.status]}</span>
              {guard.id}
            </Chip>
            <span>
              <strong>{guard.title}</strong> <span className="faint">{guard.status}</span>
              <span className="small">{guard.summary}</span>
            </span>
          </summary>
          <Evidence guard={guard} />
        </details>
      ))}
      {leakage.survivorship !== null && <p className="secondary">{leakage.survivorship.summary}</p>}
      <p className="caption">
        {leakage.effort} audit, {instant(leakage.auditedAt)}
      </p>
    </div>
  );
}

function Check({ ok, children }: { readonly ok: boolean; readonly children: string }) {
  return (
    <li className="light" data-ok={ok}>
      {children}
    </li>
  );
}

/** Overlaps and fills are checked in every run. */
function OwnChecks({ audit }: { readonly audit: Run['audit'] }) {
  if (audit === null) return null;
  return (
    <ul className="plain-list stack tight">
      <Check ok={audit.overlaps === 0}>
        {`${integer(audit.overlaps)} of ${integer(audit.checkedPairs)} training and test pairs overlap`}
      </Check>
      <Check ok={audit.sameBarFills === 0}>
        {`${plural(audit.sameBarFills, 'fill uses', 'fills use')} the bar of its own decision`}
      </Check>
    </ul>
  );
}

export function AuditCard({ run }: { readonly run: Run }) {
  const running = useJobs((state) => state.active.find(({ kind, subject }) => kind === 'audit' && subject === run.id));
  const [asked, setAsked] = useState(false);
  const start = () => {
    setAsked(true);
    client()
      .runs.audit({ run: run.id, effort: 'quick' })
      .catch((error: unknown) =>
        notifications.show({ color: 'red', title: 'The audit was not started', message: toAppError(error).message }),
      )
      .finally(() => setAsked(false));
  };
  return (
    <Card title="Leakage audit" actions={<AuditChip run={run} />} id="audit">
      <div className="stack">
        <OwnChecks audit={run.audit} />
        {run.leakage !== null && <Guards leakage={run.leakage} />}
        {running !== undefined ? (
          <JobPanel job={running.id} label="Leakage audit" kept="The run and an earlier audit stay as they are." />
        ) : (
          <div className="row apart">
            <span className="caption">Eight guards test the run on its own data, on shuffled labels and on noise.</span>
            <Button variant="default" loading={asked} onClick={start}>
              {run.leakage === null ? 'Audit' : 'Audit again'}
            </Button>
          </div>
        )}
      </div>
    </Card>
  );
}
