/** The right side of the overview: what runs now, how fresh each dataset is, the latest runs. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Dataset } from '#contract/datasets';
import type { Job, JobStatus } from '#contract/jobs';
import type { RunSummary } from '#contract/runs';
import { ago, instant, plural, shortName } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Chip } from '#renderer/ui/chip';
import { ProgressLine } from '#renderer/ui/progress-line';
import { useFollowedJob } from '../jobs/job-panel';
import { useJobs } from '../jobs/jobs-store';

function JobRow({ job }: { readonly job: Job }) {
  const followed = useFollowedJob(job.id);
  return (
    <li className="stack tight">
      {job.kind === 'run' || job.kind === 'audit' ? (
        <Link to="/research/$run" params={{ run: job.subject }} className="clip">
          {job.title}
        </Link>
      ) : (
        <span className="clip">{job.title}</span>
      )}
      <ProgressLine progress={followed?.progress ?? job.progress} label={job.title} />
    </li>
  );
}

export function JobsCard() {
  const jobs = useJobs((state) => state.active);
  return (
    <Card title="Running now">
      {jobs.length === 0 ? (
        <p className="faint">Nothing is running.</p>
      ) : (
        <ul className="plain-list stack">
          {jobs.slice(0, 3).map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </ul>
      )}
    </Card>
  );
}

export function DatasetsCard({ datasets }: { readonly datasets: readonly Dataset[] }) {
  const now = Date.now();
  return (
    <Card title="Data" actions={<Link to="/data/import">Import</Link>}>
      {datasets.length === 0 ? (
        <p className="faint">No dataset yet.</p>
      ) : (
        <ul className="plain-list stack tight">
          {datasets.slice(0, 5).map((dataset) => (
            <li key={dataset.id} className="row apart">
              <span className="clip">
                <Link to="/data/$dataset" params={{ dataset: dataset.id }}>
                  {dataset.name}
                </Link>{' '}
                <span className="faint">v{dataset.version}</span>
              </span>
              <span className="row">
                {dataset.findings.error > 0 && <Chip tone="danger">{plural(dataset.findings.error, 'error')}</Chip>}
                <span className="caption num" title={`Imported ${instant(dataset.createdAt)}`}>
                  to {dataset.manifest.lastDate} · {ago(dataset.createdAt, now)}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

export interface RecentRunsCardProps {
  readonly runs: readonly RunSummary[];
  readonly status: (status: JobStatus) => ReactNode;
}

export function RecentRunsCard({ runs, status }: RecentRunsCardProps) {
  return (
    <Card title="Latest runs" actions={<Link to="/research">All runs</Link>}>
      {runs.length === 0 ? (
        <p className="faint">No run yet.</p>
      ) : (
        <ul className="plain-list stack tight">
          {runs.map((run) => (
            <li key={run.id} className="row apart">
              <Link to="/research/$run" params={{ run: run.id }} className="clip" title={run.name}>
                {shortName(run.name)}
              </Link>
              {status(run.status)}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
