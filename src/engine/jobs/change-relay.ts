/** A job that changes also changes what it makes: screens that show either are told, and the job is measured. */
import type { JobKind } from '#contract/jobs';
import type { Change } from '#contract/system';
import type { ChangeFeed } from '../events';
import type { MeteredJob } from '../metrics/job-metrics';
import type { Database } from '../store/database';
import { findJob } from '../store/jobs-table';
import type { Queue } from './queue';

/** What a job of each kind makes or changes. */
const MADE_BY: Readonly<Record<JobKind, Change['noun']>> = {
  'import-dataset': 'datasets',
  'generate-dataset': 'datasets',
  run: 'runs',
  audit: 'runs',
  promotion: 'registry',
  report: 'reports',
};

export interface ChangeRelayOptions {
  readonly database: Database;
  readonly queue: Pick<Queue, 'onChange'>;
  readonly changes: Pick<ChangeFeed, 'publish'>;
  meter(job: MeteredJob): void;
}

/** @returns stops relaying */
export function relayJobChanges({ database, queue, changes, meter }: ChangeRelayOptions): () => void {
  return queue.onChange((id) => {
    const job = findJob(database, id);
    if (job === null) return;
    meter(job);
    changes.publish({ noun: 'jobs', id, action: 'updated' });
    changes.publish({ noun: MADE_BY[job.kind], id: job.subject, action: 'updated' });
    if (job.kind === 'run' && job.status === 'succeeded') {
      changes.publish({ noun: 'portfolios', id: job.subject, action: 'created' });
    }
  });
}
