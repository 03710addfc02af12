/** The operations of `contract/jobs.ts`. */
import { AppError } from '#base/errors';
import type { HandlersOf } from '../api/handlers';
import type { Database } from '../store/database';
import { findJob, listJobs, toJob } from '../store/jobs-table';
import type { Queue } from './queue';

export function createJobHandlers(database: Database, queue: Queue): HandlersOf<'jobs'> {
  return {
    list: async (filter) => {
      const { jobs, total } = listJobs(database, { ...filter, active: filter.active ?? false });
      return { jobs: jobs.map(toJob), total };
    },
    show: async ({ job }) => {
      const row = findJob(database, job);
      if (row === null)
        throw new AppError('NOT_FOUND', `Expected a job ${job}, found none. List them with: sextant jobs list.`);
      return toJob(row);
    },
    events: async ({ job, after }, { signal }) => queue.events(job, after, signal),
    cancel: async ({ job }) => toJob(queue.cancel(job)),
  };
}
