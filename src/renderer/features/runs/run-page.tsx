/** One run: while it runs its progress, when it has ended the verdict and everything that carries it. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { Run } from '#contract/runs';
import { toAppError } from '#renderer/app/client';
import { instant, shortName } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { StatusChip } from '#renderer/ui/chip';
import { ErrorNotice } from '#renderer/ui/error-notice';
import { Page } from '#renderer/ui/page';
import { RemoteView } from '#renderer/ui/remote-view';
import { JobLog, JobPanel, useFollowedJob } from '../jobs/job-panel';
import { isOver } from '../jobs/jobs-store';
import { LearningChart } from '../jobs/learning-chart';
import { MemoryCard } from '../jobs/memory-card';
import { AuditCard } from './audit-card';
import { NotesCard } from './notes-card';
import { ProvenanceCard, RerunNotice, WarningsCard } from './run-evidence';
import { RegisterButton } from './register-button';
import { ComparisonsCard } from './comparisons-card';
import { FoldsCard, StrategiesCard } from './run-tables';
import { RunHeadlines } from './run-headlines';
import { readRun, rerun, useRuns } from './runs-store';
import { TrainingCard } from './training-card';
import { AuditChip, VerdictChip } from './verdict';

function Chips({ run }: { readonly run: Run }) {
  if (run.headline === null) return <StatusChip status={run.status} />;
  return (
    <>
      <VerdictChip headline={run.headline} />
      <AuditChip run={run} />
    </>
  );
}

function RerunButton({ run }: { readonly run: Run }) {
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const start = () => {
    setBusy(true);
    rerun(run.id)
      .then((id) => navigate({ to: '/research/$run', params: { run: id } }))
      .catch((error: unknown) =>
        notifications.show({ color: 'red', title: 'The run was not started', message: toAppError(error).message }),
      )
      .finally(() => setBusy(false));
  };
  return (
    <Button
      variant="default"
      loading={busy}
      onClick={start}
      title="The same frozen configuration again; same identity, same bits"
    >
      Rerun
    </Button>
  );
}

function Actions({ run }: { readonly run: Run }) {
  return (
    <>
      <Button
        variant="default"
        renderRoot={(props) => <Link {...props} to="/research/new" search={{ from: run.id }} />}
        title="A new run that starts from this configuration"
      >
        Edit copy
      </Button>
      {isOver(run.status) && <RerunButton run={run} />}
      {run.status === 'succeeded' && (
        <>
          <RegisterButton run={run.id} />
          <Button
            variant="default"
            renderRoot={(props) => <Link {...props} to="/backtests/$run" params={{ run: run.id }} />}
          >
            Backtest
          </Button>
          {run.portfolio !== null && <PortfolioLink portfolio={run.portfolio} />}
        </>
      )}
    </>
  );
}

function PortfolioLink({ portfolio }: { readonly portfolio: string }) {
  return (
    <Button renderRoot={(props) => <Link {...props} to="/portfolios/$portfolio" params={{ portfolio }} />}>
      Portfolio
    </Button>
  );
}

function Ended({ run }: { readonly run: Run }) {
  const job = useFollowedJob(run.job);
  return (
    <div className="stack">
      {run.status === 'cancelled' ? (
        <section className="notice" data-tone="quiet" role="status">
          <h2>The run was cancelled</h2>
          <p>Its configuration and log are kept. Rerun starts it again from the beginning.</p>
        </section>
      ) : (
        run.error !== null && (
          <ErrorNotice error={run.error} kept="Configuration and log." todo="Edit a copy or rerun." />
        )
      )}
      {job !== undefined && job.curves.length > 0 && (
        <Card title="Learning curves until then">
          <LearningChart curves={job.curves} />
        </Card>
      )}
      {job !== undefined && job.log.length > 0 && (
        <Card title="Log" flush>
          <JobLog lines={job.log} />
        </Card>
      )}
      <MemoryCard job={run.job} />
      <NotesCard run={run} />
      <ProvenanceCard run={run} />
    </div>
  );
}

function Live({ run }: { readonly run: Run }) {
  const job = useFollowedJob(run.job);
  const ended = isOver(job?.status ?? null);
  useEffect(() => {
    if (ended) void readRun(run.id);
  }, [ended, run.id]);
  return (
    <Card title={run.status === 'queued' ? 'Waiting for its turn' : 'Running'}>
      <JobPanel job={run.job} label={run.name} kept="Configuration and log are kept." />
    </Card>
  );
}

function Results({ run }: { readonly run: Run }) {
  return (
    <>
      <RunHeadlines run={run} />
      {run.rerun !== null && <RerunNotice rerun={run.rerun} />}
      {run.warnings.length > 0 && <WarningsCard warnings={run.warnings} />}
      <ComparisonsCard run={run} />
      <StrategiesCard run={run} />
      <div className="grid">
        <div className="stack" style={{ gridColumn: 'span 7' }}>
          <FoldsCard run={run} />
          <TrainingCard run={run.id} />
          <MemoryCard job={run.job} />
        </div>
        <div className="stack" style={{ gridColumn: 'span 5' }}>
          <NotesCard run={run} />
          <AuditCard run={run} />
          <ProvenanceCard run={run} />
        </div>
      </div>
    </>
  );
}

function Shown({ run }: { readonly run: Run }) {
  const over = isOver(run.status);
  return (
    <Page
      title={shortName(run.name)}
      chip={<Chips run={run} />}
      sentence={
        run.headline === null ? (
          `On ${run.dataset.name} v${run.dataset.version}, started ${instant(run.createdAt)}.`
        ) : (
          <span className="verdict-sentence" style={{ color: 'var(--text)' }}>
            {run.headline.verdict}
          </span>
        )
      }
      actions={<Actions run={run} />}
    >
      {!over ? <Live run={run} /> : run.status === 'succeeded' ? <Results run={run} /> : <Ended run={run} />}
    </Page>
  );
}

export function RunPage() {
  const { run: id } = useParams({ from: '/research/$run' });
  const remote = useRuns((state) => state.shown[id]);
  useEffect(() => {
    void readRun(id);
  }, [id]);
  return (
    <RemoteView remote={remote} what="the run" lines={12} retry={() => void readRun(id)}>
      {(run) => <Shown run={run} />}
    </RemoteView>
  );
}
