/** The first visit: one sentence, one action, and the progress of that action. */
import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { ErrorNotice } from '#renderer/ui/error-notice';
import { Icon } from '#renderer/ui/icon';
import { JobPanel } from '../jobs/job-panel';
import { resumeSample, runSample, useSample } from './sample-store';

function useSampleStart(): () => void {
  const navigate = useNavigate();
  useEffect(() => {
    void resumeSample().then((run) => {
      if (run !== null) void navigate({ to: '/research/$run', params: { run } });
    });
  }, [navigate]);
  return () =>
    void runSample().then((run) => {
      if (run !== null) void navigate({ to: '/research/$run', params: { run } });
    });
}

const STEPS = [
  ['A market is made', '60 assets over 6 years with sectors, one crash, late listings and delistings.'],
  ['Seven strategies are tested', 'Ridge, lasso, elastic net, HRP and others, walk-forward, after costs.'],
  ['A verdict is given', 'Does it beat equal weight, how sure is that, and which weights follow from it.'],
] as const;

export function SampleOffer() {
  const { phase, job, error } = useSample();
  const start = useSampleStart();
  const busy = phase === 'making-market' || phase === 'starting-run';
  return (
    <section className="first-visit" aria-labelledby="first-visit-title">
      <Icon name="brand" size={34} />
      <h2 id="first-visit-title">From price history to weights that can be defended</h2>
      <p className="secondary">
        There is no data in this workspace yet. The sample shows the whole path in under a minute and sends nothing
        anywhere.
      </p>
      {phase === 'failed' && error !== null && (
        <ErrorNotice error={error} kept="The workspace is unchanged by what failed." retry={start} />
      )}
      {busy ? (
        <div className="first-visit-progress">
          {job === null ? (
            <p className="caption">Starting the run …</p>
          ) : (
            <JobPanel job={job} label="Making the sample market" kept="The workspace stays as it was." />
          )}
        </div>
      ) : (
        <div className="row">
          <Button size="sm" onClick={start}>
            Run the sample
          </Button>
          <Link to="/data/import">Import prices instead</Link>
        </div>
      )}
      <ol className="first-visit-steps">
        {STEPS.map(([title, text], index) => (
          <li key={title}>
            <span className="num">{index + 1}</span>
            <strong>{title}</strong>
            <span className="secondary">{text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
