/** How the queue works on a report: facts in, files out. */
import type { Runner } from '../jobs/runner';
import type { ReportService } from './report-service';

export function createReportRunner(reports: ReportService): Runner {
  return {
    resource: 'cpu',
    prepare: async (job) => ({ name: 'render-report', input: await reports.prepare(job) }),
    complete: async (job, answer) => reports.complete(job, answer),
  };
}
