/**
 * The host process and its workers: processor, memory, event loop, children. Names are those that Prometheus' client libraries agree on,
 * so that common dashboards read them.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Host, WorkerHandle } from '../host';
import { residentBytes } from '../jobs/memory-limit';
import type { Metrics } from './metrics';

/** Milliseconds between looks at the event loop. */
const RESOLUTION_MS = 10;

/** @returns stops measuring */
export function meterProcess(metrics: Metrics, version: Host['version'], kind: Host['kind']): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);

  metrics.read({
    name: 'sextant_info',
    help: 'Always 1; says which host this is.',
    labels: { version: [version.app], commit: [version.gitCommit ?? 'unknown'], host: [kind] },
    read: (set) => set({ version: version.app, commit: version.gitCommit ?? 'unknown', host: kind }, 1),
  });
  metrics.read({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the host process.',
    labels: {},
    type: 'counter',
    read(set) {
      const { user, system } = process.cpuUsage();
      set({}, (user + system) / 1e6);
    },
  });
  metrics.read({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the host process.',
    labels: {},
    read: (set) => set({}, process.memoryUsage.rss()),
  });
  metrics.read({
    name: 'process_start_time_seconds',
    help: 'When the host process started, in seconds since 1970.',
    labels: {},
    read: (set) => set({}, performance.timeOrigin / 1000),
  });
  metrics.read({
    name: 'nodejs_heap_size_used_bytes',
    help: 'Memory in use by objects of the host process.',
    labels: {},
    read: (set) => set({}, process.memoryUsage().heapUsed),
  });
  metrics.read({
    name: 'nodejs_eventloop_lag_seconds',
    help: 'How late the event loop came to what was due since the last scrape, by quantile.',
    labels: { quantile: ['0.5', '0.99', '1'] },
    read(set) {
      set({ quantile: '0.5' }, seconds(delay.percentile(50)));
      set({ quantile: '0.99' }, seconds(delay.percentile(99)));
      set({ quantile: '1' }, seconds(delay.max));
      delay.reset();
    },
  });
  return () => delay.disable();
}

const ENDS = ['done', 'crashed', 'killed'] as const;

/** The same host; what it starts is counted and its memory measured. */
export function meterWorkers(host: Host, metrics: Metrics): Host {
  const running = new Set<WorkerHandle>();
  const started = metrics.counter({
    name: 'sextant_workers_started_total',
    help: 'Worker processes started.',
    labels: {},
  });
  const ended = metrics.counter({
    name: 'sextant_workers_ended_total',
    help: 'Worker processes ended: done (code 0), killed (how Sextant ends one that has answered, and the system one that takes too much), crashed (any other code).',
    labels: { end: ENDS },
  });
  metrics.read({
    name: 'sextant_workers_running',
    help: 'Worker processes alive.',
    labels: {},
    read: (set) => set({}, running.size),
  });
  metrics.read({
    name: 'sextant_workers_resident_memory_bytes',
    help: 'Resident memory of all worker processes; only Linux tells.',
    labels: {},
    read(set) {
      let bytes = 0;
      for (const { pid } of running) bytes += pid === undefined || pid === process.pid ? 0 : (residentBytes(pid) ?? 0);
      set({}, bytes);
    },
  });
  return {
    ...host,
    spawnWorker(log) {
      const worker = host.spawnWorker(log);
      running.add(worker);
      started({});
      worker.onExit(({ code }) => {
        running.delete(worker);
        ended({ end: code === 0 ? 'done' : code === null ? 'killed' : 'crashed' });
      });
      return worker;
    },
    now: () => host.now(),
  };
}
