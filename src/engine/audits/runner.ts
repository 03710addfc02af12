/** How the queue works on a leakage audit: configuration, prices and records in, an audit of the run out. */
import type { Runner } from '../jobs/runner';
import type { AuditService } from './audit-service';

export function createAuditRunner(audits: AuditService): Runner {
  return {
    resource: 'cpu',
    prepare: async (job) => ({ name: 'audit-run', input: await audits.prepare(job) }),
    complete: async (job, answer) => audits.complete(job, answer),
  };
}
