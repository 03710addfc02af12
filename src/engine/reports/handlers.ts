/** The operations of `contract/reports.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { ReportService } from './report-service';

export interface ReportHandlerOptions {
  readonly reports: ReportService;
  /** Tells screens that a report is gone. */
  onRemoved(id: string): void;
}

export function createReportHandlers({ reports, onRemoved }: ReportHandlerOptions): HandlersOf<'reports'> {
  return {
    create: async (request) => reports.request(request),
    list: async (filter) => reports.list(filter),
    show: async ({ report }) => reports.show(report),
    download: async ({ report, format }) => reports.download(report, format),
    preview: async ({ report }) => reports.preview(report),
    remove: async ({ report }) => {
      const removed = await reports.remove(report);
      onRemoved(removed);
      return { removed };
    },
  };
}
