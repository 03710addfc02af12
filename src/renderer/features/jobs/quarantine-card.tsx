/** A job in quarantine: why, the evidence, and the two decisions about it. It waits over restarts and holds no other job up. */
import { Button, Textarea } from '@mantine/core';
import { useEffect, useState } from 'react';
import { toWire, type WireError } from '#base/errors';
import type { JobCrash } from '#contract/jobs';
import { client, toAppError } from '#renderer/app/client';
import { instant } from '#renderer/format';
import { ErrorNotice } from '#renderer/ui/error-notice';
import { decideQuarantine } from './jobs-store';

export interface QuarantineCardProps {
  readonly job: string;
  /** What put it there. */
  readonly error: WireError;
}

/** Unplanned ends of the job's workers, the newest last; empty until they are read. */
function useCrashes(job: string): readonly JobCrash[] {
  const [crashes, setCrashes] = useState<readonly JobCrash[]>([]);
  useEffect(() => {
    let isShown = true;
    client()
      .jobs.show({ job })
      .then(({ crashReports }) => isShown && setCrashes(crashReports))
      .catch(() => {}); // the message names the reasons too
    return () => {
      isShown = false;
    };
  }, [job]);
  return crashes;
}

export function QuarantineCard({ job, error: cause }: QuarantineCardProps) {
  const crashes = useCrashes(job);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const decide = (decision: 'release' | 'discard') => {
    setBusy(true);
    setError(null);
    decideQuarantine(job, decision, reason.trim())
      .catch((caught: unknown) => setError(toWire(toAppError(caught))))
      .finally(() => setBusy(false));
  };
  return (
    <section className="notice" aria-label="In quarantine">
      <h2>In quarantine</h2>
      <p style={{ overflowWrap: 'anywhere' }}>{cause.message}</p>
      {crashes.length > 0 && (
        <ul aria-label="Crashes">
          {crashes.map(({ at, attempt, reason: found }) => (
            <li key={at}>
              {instant(at)}, attempt {attempt}: <span className="mono">{found}</span>
            </li>
          ))}
        </ul>
      )}
      <Textarea
        label="Reason"
        description="Kept in the audit log with the decision."
        minRows={2}
        autosize
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {error !== null && <ErrorNotice error={error} kept="The job is where it was." />}
      <div className="row">
        <Button
          onClick={() => decide('release')}
          disabled={reason.trim() === ''}
          loading={busy}
          title="It goes on from its last checkpoint"
        >
          Release
        </Button>
        <Button
          variant="default"
          onClick={() => decide('discard')}
          disabled={reason.trim() === '' || busy}
          title="It has failed; configuration and log are kept"
        >
          Discard
        </Button>
      </div>
    </section>
  );
}
