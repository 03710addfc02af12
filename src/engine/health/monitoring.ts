/** Everything that watches an opened workspace, wired together: metrics, service levels, health. It starts with the workspace and ends with it. */
import { HEALTH_COMPONENTS, healthStateSchema } from '#contract/health';
import type { Storage } from '#contract/system';
import { SLO_NAMES, sloStateSchema } from '#contract/slos';
import { alertSeveritySchema } from '#contract/topics';
import type { createAlertService } from '../alerts/alert-service';
import type { AuditLog } from '../audit/audit-log';
import type { BackupService } from '../backups/backup-service';
import type { DatasetService } from '../datasets/dataset-service';
import type { ChangeFeed } from '../events';
import type { VramMonitor } from '../devices/vram-monitor';
import type { Host } from '../host';
import type { Queue } from '../jobs/queue';
import { createJobMeter } from '../metrics/job-metrics';
import type { Metrics } from '../metrics/metrics';
import { meterWorkspace } from '../metrics/workspace-metrics';
import type { Clock } from '../schedules/clock';
import { createScheduleFacts } from '../schedules/schedule-facts';
import type { Scheduler } from '../schedules/scheduler';
import { createSloService, type SloService } from '../slos/slo-service';
import type { Database } from '../store/database';
import { jobsByStatus } from '../store/jobs-table';
import type { Workspace } from '../store/workspace';
import { productChecks } from './checks';
import { createHealthService, type HealthService } from './health-service';

export interface MonitoringOptions {
  readonly workspace: Workspace;
  readonly host: Host;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly alerts: ReturnType<typeof createAlertService>;
  readonly scheduler: Scheduler;
  readonly queue: Queue;
  readonly card: VramMonitor;
  readonly backups: BackupService;
  readonly datasets: DatasetService;
  readonly changes: ChangeFeed;
  /** What is known of the disk under the workspace. */
  storage(): Storage;
}

export interface Monitoring {
  readonly slos: SloService;
  readonly health: HealthService;
  readonly meterJob: ReturnType<typeof createJobMeter>;
  /** Begins to look and to judge by itself; a workspace that is only shown is looked at when somebody asks. */
  start(): void;
  close(): Promise<void>;
}

export function createMonitoring(options: MonitoringOptions): Monitoring {
  const { workspace, host, clock, audit, alerts, scheduler, queue, card, backups, datasets, changes, storage } =
    options;
  const { database, folder } = workspace;
  const metrics = options.metrics.during();
  const now = (): number => host.now();
  const facts = createScheduleFacts({ database, now, lastDate: (ref) => datasets.find(ref).manifest.lastDate });
  const slos = createSloService({
    database,
    audit,
    alerts,
    clock,
    log: host.log,
    clockTrusted: () => scheduler.clockTrusted(),
    sessionsBehind: () => facts.sessionsBehind(),
    rebalances: (span) => facts.rebalances(span),
    onChange: (id) => changes.publish({ noun: 'slos', id, action: 'updated' }),
  });
  const health = createHealthService({
    checks: productChecks({
      database,
      folder,
      keys: host.keys,
      key: workspace.keyring.current,
      keySource: workspace.keySource,
      now,
      startedAt: now(),
      runningJobs: () => queue.running,
      storage,
      schedules: scheduler,
      backups,
      datasetsInUse: () => facts.datasetsInUse(),
      slos: () => slos.list(),
    }),
    clock,
    log: host.log,
    alerts,
    onChange: (id) => changes.publish({ noun: 'health', id, action: 'updated' }),
  });
  meterWorkspace(metrics, {
    database,
    folder,
    now,
    vram: () => card.current(),
    auditHead: () => audit.head().seq,
    clockTrusted: () => scheduler.clockTrusted(),
    backups: () => backups.list(),
    overdue: () => scheduler.overdue(),
  });
  meterVerdicts(metrics, { database, slos, health });
  const unfinished = jobsByStatus(database, 'queued', 'running', 'interrupted');
  return {
    slos,
    health,
    meterJob: createJobMeter(
      metrics,
      unfinished.map(({ id }) => id),
    ),
    start() {
      slos.start();
      health.start();
    },
    async close() {
      metrics.close();
      await health.close();
      slos.close();
    },
  };
}

function meterVerdicts(
  metrics: Metrics,
  { database, slos, health }: { database: Database; slos: SloService; health: HealthService },
): void {
  const slo = SLO_NAMES;
  const states = sloStateSchema.options;
  metrics.read({
    name: 'sextant_slo_budget_left_ratio',
    help: 'Share of the error budget that is left in the rolling window; absent where nothing can be said.',
    labels: { slo },
    read(set) {
      for (const level of slos.list()) set({ slo: level.slo }, level.budgetLeft ?? Number.NaN);
    },
  });
  metrics.read({
    name: 'sextant_slo_burn_rate',
    help: 'How many times too fast the error budget is used up, by the long window of each rule.',
    labels: { slo, window: ['1h', '6h', '72h'] },
    read(set) {
      for (const level of slos.list()) {
        for (const { longHours, longBurn } of level.rules) {
          set({ slo: level.slo, window: `${longHours}h` }, longBurn ?? Number.NaN);
        }
      }
    },
  });
  metrics.read({
    name: 'sextant_slo_state',
    help: '1 for the state that each service level is in.',
    labels: { slo, state: states },
    read(set) {
      for (const level of slos.list())
        for (const state of states) set({ slo: level.slo, state }, +(level.state === state));
    },
  });
  metrics.read({
    name: 'sextant_health_state',
    help: '0 ok, 1 degraded, 2 failing, by part, as of the last look.',
    labels: { component: Object.keys(HEALTH_COMPONENTS) },
    async read(set) {
      const last = health.last();
      for (const { component, state } of last.length > 0 ? last : await health.look()) {
        set({ component }, healthStateSchema.options.indexOf(state));
      }
    },
  });
  const open = database.prepare<[], { severity: string; count: number }>(
    'SELECT severity, count(*) AS count FROM alerts WHERE resolved_at IS NULL GROUP BY severity',
  );
  metrics.read({
    name: 'sextant_alerts_open',
    help: 'Alerts that are not resolved, by severity.',
    labels: { severity: alertSeveritySchema.options },
    read(set) {
      const rows = open.all();
      for (const severity of alertSeveritySchema.options) {
        set({ severity }, rows.find((row) => row.severity === severity)?.count ?? 0);
      }
    },
  });
  const outbox = database.prepare<[], number>('SELECT coalesce(max(seq), 0) FROM outbox').pluck();
  metrics.read({
    name: 'sextant_outbox_events_total',
    help: 'Events written for other programs since the workspace was made.',
    labels: {},
    type: 'counter',
    read: (set) => set({}, outbox.get() ?? 0),
  });
}
