/**
 * The engine: an opened workspace with everything the contract promises behind it. The composition root of both hosts
 * and of the tests; it wires and starts, and decides nothing.
 */
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Handlers } from './api/handlers';
import { createApiConfig, createApiHandlers } from './api/api-config';
import { createCallWatch, type CallWatch } from './api/call-watch';
import { createIdempotencyKeys, type IdempotencyKeys } from './api/idempotency';
import { createRouter, type ApiRouter } from './api/router';
import { createAuditLog } from './audit/audit-log';
import { createAuditHandlers } from './audit/handlers';
import { createAuditService } from './audits/audit-service';
import { createAuditRunner } from './audits/runner';
import { createBackupService } from './backups/backup-service';
import { createBackupHandlers } from './backups/handlers';
import { createCatalogHandlers } from './catalog/handlers';
import { createDatasetService } from './datasets/dataset-service';
import { createDatasetVersions } from './datasets/dataset-versions';
import { createDatasetHandlers, INCOMING } from './datasets/handlers';
import { createDatasetRunners } from './datasets/runners';
import { createCardMonitor } from './devices/card-monitor';
import { createDeviceLadder } from './devices/device-ladder';
import { createChangeFeed } from './events';
import { createHooks } from './hooks';
import { createMonitoring } from './health/monitoring';
import type { Host } from './host';
import { createFlowEngine } from './flows/flow-engine';
import { createFlowService } from './flows/flow-service';
import { createFlowHandlers } from './flows/handlers';
import { productFlows } from './flows/product-flows';
import { createScheduleHandlers } from './schedules/handlers';
import { createScheduleService } from './schedules/schedule-service';
import { createScheduler } from './schedules/scheduler';
import { systemClock } from './schedules/clock';
import { createInterchangeHandlers } from './interchange/handlers';
import { createInterchange } from './interchange/interchange-service';
import { relayJobChanges } from './jobs/change-relay';
import { createJobHandlers } from './jobs/handlers';
import { createQueue, type JobRequest } from './jobs/queue';
import { createSupervision } from './jobs/supervision';
import { createKeyHandlers } from './keys/handlers';
import { createObservation, type Observation } from './logs/observation';
import type { CallMeter } from './metrics/call-metrics';
import { createMetrics, type Metrics } from './metrics/metrics';
import { createModelHandlers } from './models/handlers';
import { createInference } from './models/inference';
import { createModelService } from './models/model-service';
import { createModelTable } from './models/model-table';
import { createPortfolioHandlers } from './portfolios/handlers';
import { createPortfolioService } from './portfolios/portfolio-service';
import { createPortfolioTable } from './portfolios/portfolio-table';
import { eraseWorkspace } from './privacy/erase-workspace';
import { createPrivacyHandlers } from './privacy/handlers';
import { createPrivacyService } from './privacy/privacy-service';
import { createRegistryHandlers } from './registry/handlers';
import { createPromotion } from './registry/promotion';
import { createRegistryService } from './registry/registry-service';
import { createRegistryTable } from './registry/registry-table';
import { createReportHandlers } from './reports/handlers';
import { createReportService } from './reports/report-service';
import { createReportRunner } from './reports/runner';
import { createExperimentHandlers, createRunHandlers } from './runs/handlers';
import { createRunService } from './runs/run-service';
import { createRunRunner } from './runs/runner';
import { fixedSession, type Session } from './session';
import { createSloHandlers } from './slos/handlers';
import type { SignalReceiver } from './signals/http-signals';
import type { Keyring } from './store/keyring';
import { openWorkspace, type Workspace } from './store/workspace';
import { createSystemHandlers } from './system/handlers';
import { openStorage } from './system/storage-watch';
import { createLoadSampler } from './system/load-sampler';
import { systemInfo } from './system/system-info';
import type { ApiConfig } from '#contract/api';
import type { TokenStore } from './api/tokens';
import { createTrading } from './trading';
import { createTokenHandlers } from './tokens/handlers';
import { createTokenService, type TokenService } from './tokens/token-service';

export interface Engine {
  readonly handlers: Handlers;
  readonly observation: Observation;
  /** What is measured; a component registers its own. */
  readonly metrics: Metrics;
  /** Every road goes through this. */
  readonly router: ApiRouter;
  /** The tokens that outlive the host. */
  readonly tokens: TokenStore;
  readonly idempotency: IdempotencyKeys;
  readonly signals: SignalReceiver;
  apiConfig(): ApiConfig;
  /** Where this owner may keep files of its own: the workspace, or the copy of one that is only shown. */
  readonly folder: string;
  /** Tells other programs where this owner of the workspace listens. */
  publish: Workspace['publish'];
  /** Fires once somebody asked for a shutdown through the contract. */
  onShutdown(listener: () => void): void;
  /** Interrupts running jobs, waits for their processes and closes the workspace. Safe to call twice. */
  close(): Promise<void>;
}

/** An engine on one opened workspace; `openEngine` makes one that lasts. */
export interface WorkspaceEngine extends Omit<Engine, 'observation'> {
  readonly watch: CallWatch;
  readonly tokens: Pick<TokenService, 'all' | 'keepOnly'>;
  /** Counts a call towards the service levels. */
  readonly onCall: CallMeter;
  readonly keyring: Keyring;
}

/** Opens or creates the host's workspace. Errors: those of `openWorkspace`. */
export async function createEngine(
  host: Host,
  session: Session = fixedSession,
  metrics: Metrics = createMetrics(host.log),
  observation: Observation = createObservation(host),
): Promise<WorkspaceEngine> {
  const workspace = await openWorkspace({
    folder: host.workspace,
    keys: host.keys,
    log: observation.log('store'),
    isShown: host.shows !== undefined,
    now: () => host.now(),
  });
  const { database, objects } = workspace;
  const now = (): number => host.now();
  observation.open(workspace, host.shows !== undefined);
  await rm(join(workspace.folder, INCOMING), { recursive: true, force: true });

  const audit = createAuditLog({ database, folder: workspace.folder, log: observation.log('audit'), now });
  audit.append({
    actor: 'sextant',
    action: 'workspace.opened',
    object: basename(workspace.folder),
    detail: { key: workspace.keySource, host: host.kind, version: host.version.app },
  });
  const clockTrusted = (): boolean => scheduler.clockTrusted();
  const privacy = createPrivacyService({ database, audit, files: observation.retained, now, clockTrusted });
  observation.keepTraces({ database, privacy: privacy.config, writes: host.shows === undefined });
  const changes = createChangeFeed();
  const hooks = createHooks({ database, audit, host, privacy, changes, models: () => handlers.models });
  const { publish, alerts } = hooks;
  const isHeld = host.shows !== undefined;
  const { accesses } = privacy;
  const storage = openStorage({ folder: workspace.folder, host, changes, audit, alerts, accesses });
  const datasets = createDatasetService({ database, objects, host, publish });
  const portfolioTable = createPortfolioTable(database);
  const enqueue = (request: JobRequest): string => queue.enqueue(request);
  const models = createModelService({
    table: createModelTable(database),
    objects,
    seal: (purpose, text) => workspace.seal(purpose, text),
  });
  const { supervisor, onQuarantine } = createSupervision({ audit, alerts, host });
  const inference = createInference({ models, host, supervisor });
  const runs = createRunService({
    database,
    objects,
    enqueue,
    datasets,
    portfolios: portfolioTable,
    models,
    host,
    publish,
  });
  const audits = createAuditService({ database, enqueue, runs, datasets, host, log: audit });
  const portfolios = createPortfolioService({ table: portfolioTable, configOf: (run) => runs.show(run).config });
  const registryTable = createRegistryTable(database);
  const registry = createRegistryService({ database, table: registryTable, objects, runs, host, publish });
  const promotion = createPromotion({
    table: registryTable,
    registry,
    runs,
    datasets,
    enqueue,
    host,
    portfolioOf: (run) => portfolios.show(run).weights,
  });
  const trading = createTrading({ database, datasets, portfolios, runs, audit, alerts, publish, host, changes });
  const reports = createReportService({
    database,
    paper: trading.paper,
    objects,
    enqueue,
    runs,
    datasets,
    portfolios,
    audit,
    host,
    now,
  });
  const card = createCardMonitor({ database, host, queue: () => queue });
  const queue = createQueue({
    tracing: observation.tracing,
    database,
    host,
    card,
    isHeld,
    supervisor,
    onQuarantine,
    onFullDisk: () => storage.refused(),
    runners: {
      ...createDatasetRunners({ datasets, host, personalData: () => privacy.config().personalData }),
      run: createRunRunner(runs, card),
      audit: createAuditRunner(audits, runs, card),
      promotion: promotion.runner,
      report: createReportRunner(reports),
    },
  });
  const backups = createBackupService({
    workspace,
    appVersion: host.version.app,
    log: observation.log('backups'),
    now,
    onChange: () => changes.publish({ noun: 'backups', id: '', action: 'updated' }),
    isHeld,
  });
  const clock = systemClock(now);
  const definitions = productFlows({
    database,
    paper: trading.paper,
    datasets,
    runs,
    portfolios,
    reports,
    retention: privacy.retention,
    enqueue,
    runOnce: (name, input, options) => queue.runOnce(name, input, options),
    createBackup: () => backups.create('automatic'),
    drill: (backup) => backups.drill(backup),
    verifyAudit: (signal) => audit.verify(signal),
    now,
  });
  const flowEngine = createFlowEngine({
    database,
    flows: definitions,
    jobs: queue,
    clock,
    isHeld,
    log: observation.log('flows'),
    onChange: (id) => changes.publish({ noun: 'flows', id, action: 'updated' }),
  });
  const flows = createFlowService(database, definitions);
  const scheduler = createScheduler({
    database,
    clock,
    log: observation.log('schedules'),
    startFlow: (request) => flowEngine.start(request),
    recordStepBack: ({ from, to }) =>
      audit.append({ actor: 'sextant', action: 'clock.stepped-back', object: '', detail: { from, to } }),
    onDecided: ({ id }) => changes.publish({ noun: 'schedules', id, action: 'updated' }),
  });
  const schedules = createScheduleService({
    database,
    clock,
    scheduler,
    definitions,
    flows,
    engine: flowEngine,
    onChange: (id) => changes.publish({ noun: 'schedules', id, action: 'updated' }),
  });
  const monitoring = createMonitoring({
    workspace,
    host,
    metrics,
    clock,
    audit,
    alerts,
    scheduler,
    queue,
    card,
    backups,
    datasets,
    changes,
    storage: () => storage.current(),
  });
  const { slos, health } = monitoring;
  const apiConfig = createApiConfig(database, now);
  const tokens = createTokenService({
    database,
    now,
    config: () => apiConfig.current(),
    onChange: (id) => changes.publish({ noun: 'tokens', id, action: 'updated' }),
  });
  const idempotency = createIdempotencyKeys({ database, now, days: () => apiConfig.current().idempotencyDays });
  if (!isHeld) await reports.prune();
  const stopRelaying = relayJobChanges({ database, queue, changes, meter: monitoring.meterJob });
  const load = createLoadSampler(() => card.current());
  const shutdownListeners: (() => void)[] = [];

  const handlers: Handlers = {
    system: createSystemHandlers({
      info: systemInfo(host, workspace),
      changes,
      load,
      storage: storage.current,
      devices: createDeviceLadder({ queue, card }),
      metrics: () => metrics.text(),
      health: () => health.look(),
      runningJobs: () => queue.running,
      shutdown: () => {
        for (const listener of shutdownListeners) listener();
      },
    }),
    datasets: createDatasetHandlers({ datasets, versions: createDatasetVersions(database, datasets), queue, host }),
    runs: createRunHandlers({
      runs,
      audits,
      queue,
      onChange: (id) => changes.publish({ noun: 'runs', id, action: 'updated' }),
    }),
    experiments: createExperimentHandlers(runs),
    registry: createRegistryHandlers({
      registry,
      promotion,
      onChange: (id) => changes.publish({ noun: 'registry', id, action: 'updated' }),
    }),
    models: createModelHandlers({ models, inference, runs, datasets, queue }),
    interchange: createInterchangeHandlers({
      interchange: createInterchange({ runs, registry, models, queue, objects, environment: host.environment ?? {} }),
      onImport: (id) => changes.publish({ noun: 'runs', id, action: 'created' }),
    }),
    portfolios: createPortfolioHandlers(portfolios),
    ...trading.handlers,
    reports: createReportHandlers({
      reports,
      onRemoved: (id) => changes.publish({ noun: 'reports', id, action: 'removed' }),
    }),
    jobs: createJobHandlers({ database, queue, supervisor, audit, alerts }),
    flows: createFlowHandlers({ flows, engine: flowEngine }),
    schedules: createScheduleHandlers(schedules),
    slos: createSloHandlers(slos),
    ...hooks.handlers,
    backups: createBackupHandlers({ backups, session, folder: workspace.folder, now }),
    keys: createKeyHandlers({ workspace, keys: host.keys, backups, session, now }),
    catalog: createCatalogHandlers(),
    ...observation.handlers,
    audit: createAuditHandlers(audit, privacy.accesses),
    privacy: createPrivacyHandlers({ privacy, folder: workspace.folder, erase }),
    api: createApiHandlers(apiConfig),
    tokens: createTokenHandlers(tokens),
  };

  let closing: Promise<void> | null = null;
  let isErased = false;

  function erase(): void {
    isErased = true;
    for (const listener of shutdownListeners) listener();
  }

  async function close(): Promise<void> {
    stopRelaying();
    load.close();
    trading.close();
    scheduler.close();
    const flowsClosed = flowEngine.close();
    await hooks.close();
    await monitoring.close();
    await queue.close();
    await flowsClosed;
    await backups.close();
    await inference.close();
    tokens.close();
    storage.close();
    privacy.close();
    audit.close();
    card.close();
    observation.close();
    workspace.close();
    if (isErased) eraseWorkspace(workspace.folder);
  }

  // Start-up is catching up.
  if (!isHeld) {
    scheduler.tick();
    hooks.start();
    monitoring.start();
  }

  const watch = createCallWatch(audit, privacy, storage);
  return {
    handlers,
    folder: workspace.folder,
    router: createRouter(handlers, host.log, watch),
    metrics,
    onCall: (call) => slos.record(call),
    watch,
    tokens,
    idempotency,
    signals: hooks.signals,
    apiConfig: () => apiConfig.current(),
    keyring: workspace.keyring,
    publish: (address) => workspace.publish(hooks.ownAddress(address)),
    onShutdown: (listener) => void shutdownListeners.push(listener),
    close: () => (closing ??= close()),
  };
}
