/** How the queue works on a leakage audit: configuration, prices and records in, an audit of the run out. */
import type { Runner } from '../jobs/runner';
import type { VramMonitor } from '../devices/vram-monitor';
import type { RunService } from '../runs/run-service';
import { usesCard } from '../runs/uses-card';
import type { AuditService } from './audit-service';

export function createAuditRunner(
  audits: AuditService,
  runs: Pick<RunService, 'show'>,
  card: Pick<VramMonitor, 'freeBytes'>,
): Runner {
  return {
    resource: (job) => (usesCard(runs.show(job.subject).config) ? 'gpu' : 'cpu'),
    prepare: async (job) => {
      const input = await audits.prepare(job);
      return { name: 'audit-run', input: { ...input, vramBytes: await card.freeBytes() } };
    },
    complete: async (job, answer) => audits.complete(job, answer),
  };
}
