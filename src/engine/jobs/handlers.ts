/** The operations of `contract/jobs.ts`. */
import { AppError } from '#base/errors';
import type { HandlersOf } from '../api/handlers';
import type { Database } from '../store/database';
import { findJobMemory } from '../store/job-memory-table';
import { findJob, listJobs, toJob, type JobRow } from '../store/jobs-table';
import type { Queue } from './queue';

export function createJobHandlers(database: Database, queue: Queue): HandlersOf<'jobs'> {
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
  };
}
