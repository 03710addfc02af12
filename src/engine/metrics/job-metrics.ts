/** How long jobs wait and work, observed once per job when it ends. */
import { jobKindSchema, type JobKind, type JobStatus } from '#contract/jobs';
import type { Metrics } from './metrics';

/** Seconds; a report takes one, a research run an hour. */
const BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400] as const;
const ENDS: readonly JobStatus[] = ['succeeded', 'failed', 'cancelled'];

export interface MeteredJob {
  readonly id: string;
  readonly kind: JobKind;
  readonly status: JobStatus;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

/**
 * @param active identifiers of the jobs that have not ended
 * @returns to be told of every job that changes, any number of times
 */
export function createJobMeter(metrics: Metrics, active: Iterable<string>): (job: MeteredJob) => void {
  const open = new Set(active);
  const kind = jobKindSchema.options;
  const wait = metrics.histogram({
    name: 'sextant_job_queue_wait_seconds',
    help: 'Time from the request for a job to its first start.',
    labels: { kind },
    buckets: BUCKETS,
  });
  const work = metrics.histogram({
    name: 'sextant_job_duration_seconds',
    help: 'Time from the first start of a job to its end, waits after interruptions included.',
    labels: { kind, status: ENDS },
    buckets: BUCKETS,
  });

  return (job) => {
    if (!ENDS.includes(job.status)) {
      open.add(job.id);
      return;
    }
    if (!open.delete(job.id)) return;
    const { createdAt, startedAt, finishedAt, status } = job;
    if (startedAt === null) return;
    wait({ kind: job.kind }, (startedAt - createdAt) / 1000);
    if (finishedAt !== null) work({ kind: job.kind, status }, (finishedAt - startedAt) / 1000);
  };
}
