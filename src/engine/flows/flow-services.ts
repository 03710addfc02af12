/** What the steps of the product's flows call: the same services that the operations call, and nothing beside them. */
import type { Backup, Drill } from '#contract/backups';
import type { AuditVerdict } from '../audit/audit-log';
import type { DatasetService } from '../datasets/dataset-service';
import type { JobRequest } from '../jobs/queue';
import type { RunOnceOptions } from '../jobs/run-once';
import type { PaperTable } from '../paper/paper-table';
import type { PortfolioService } from '../portfolios/portfolio-service';
import type { Retention } from '../privacy/retention';
import type { ReportService } from '../reports/report-service';
import type { RunService } from '../runs/run-service';
import type { WorkerJobName } from '#contract/worker-messages';
import type { Database } from '../store/database';

export interface FlowServices {
  readonly database: Database;
  readonly paper: PaperTable;
  readonly datasets: DatasetService;
  readonly runs: RunService;
  readonly portfolios: PortfolioService;
  readonly reports: ReportService;
  readonly retention: Retention;
  /** Stores a job within the caller's transaction. */
  enqueue(request: JobRequest): string;
  runOnce(name: WorkerJobName, input: unknown, options?: RunOnceOptions): Promise<unknown>;
  createBackup(): Promise<Backup>;
  drill(backup: string): Promise<Drill>;
  verifyAudit(signal: AbortSignal): Promise<AuditVerdict>;
  now(): number;
}
