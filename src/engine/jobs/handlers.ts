/** The operations of `contract/jobs.ts`. */
import { AppError } from '#base/errors';
import type { HandlersOf } from '../api/handlers';
import type { AlertService } from '../alerts/alert-service';
import type { AuditLog } from '../audit/audit-log';
import { inTransaction, type Database } from '../store/database';
import { findJobMemory } from '../store/job-memory-table';
import { findJob, listJobs, toJob, type JobRow } from '../store/jobs-table';
import type { Queue } from './queue';
import { QUARANTINE_RULE, STOPPED_RULE } from './supervision';
import type { Supervisor } from './supervisor';

export interface JobHandlerOptions {
  readonly database: Database;
  readonly queue: Queue;
  readonly supervisor: Supervisor;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly alerts: Pick<AlertService, 'resolve'>;
}

export function createJobHandlers({
  database,
  queue,
  supervisor,
  audit,
  alerts,
}: JobHandlerOptions): HandlersOf<'jobs'> {
  function find(id: string): JobRow {
    const row = findJob(database, id);
    if (row === null)
      throw new AppError('NOT_FOUND', `Expected a job ${id}, found none. List them with: sextant jobs list.`);
    return row;
  }

  return {
    list: async (filter) => {
      const { jobs, total } = listJobs(database, { ...filter, active: filter.active ?? false });
      return { jobs: jobs.map(toJob), total };
    },
    show: async ({ job }) => toJob(find(job)),
    memory: async ({ job }) => ({ memory: findJobMemory(database, find(job).id) }),
    events: async ({ job, after }, { signal }) => queue.events(job, after, signal),
    cancel: async ({ job }) => toJob(queue.cancel(job)),
    pause: async ({ job }) => toJob(queue.pause(job)),
    resume: async ({ job }) => toJob(queue.resume(job)),
    release: async ({ job, reason }, { actor }) =>
      inTransaction(database, () => {
        const released = toJob(queue.release(job));
        audit.append({ actor, action: 'job.released', object: job, detail: { reason } });
        alerts.resolve(QUARANTINE_RULE, job, actor);
        return released;
      }),
    discard: async ({ job, reason }, { actor }) =>
      inTransaction(database, () => {
        const { crashReports } = find(job);
        const discarded = toJob(queue.discard(job, reason));
        audit.append({ actor, action: 'job.discarded', object: job, detail: { reason, crashes: crashReports } });
        alerts.resolve(QUARANTINE_RULE, job, actor);
        return discarded;
      }),
    workers: async () => ({ workers: supervisor.states() }),
    restart: async ({ role }, { actor }) => {
      const state = supervisor.restart(role);
      audit.append({ actor, action: 'workers.restarted', object: role });
      alerts.resolve(STOPPED_RULE, role, actor);
      queue.wake();
      return state;
    },
  };
}
