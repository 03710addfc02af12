/** The operations of `contract/system.ts`. */
import type { DeviceLadder } from '#contract/devices';
import type { ComponentHealth } from '#contract/health';
import type { Storage, SystemInfo } from '#contract/system';
import type { HandlersOf } from '../api/handlers';
import type { ChangeFeed } from '../events';
import { worstOf } from '../health/health-service';
import { METRICS_MEDIA_TYPE } from '../metrics/metrics';
import type { LoadSampler } from './load-sampler';

export interface SystemHandlerOptions {
  readonly info: SystemInfo;
  readonly changes: ChangeFeed;
  readonly load: LoadSampler;
  storage(): Storage;
  devices(again: boolean): Promise<DeviceLadder>;
  /** The text format of Prometheus. */
  metrics(): Promise<string>;
  /** Looks at every part now. */
  health(): Promise<readonly ComponentHealth[]>;
  runningJobs(): number;
  /** Called after the answer has been given. */
  shutdown(): void;
}

export function createSystemHandlers(options: SystemHandlerOptions): HandlersOf<'system'> {
  const { info, changes, load, storage, devices, metrics, health, runningJobs, shutdown } = options;

  return {
    health: async () => {
      const components = [...(await health())];
      const store = components.find(({ component }) => component === 'store')?.state === 'failing' ? 'failed' : 'ok';
      return { status: worstOf(components), store, runningJobs: runningJobs(), components };
    },
    info: async () => info,
    load: async () => load.sample(),
    storage: async () => storage(),
    devices: async ({ again }) => devices(again ?? false),
    metrics: async () => metricsDocument(await metrics()),
    changes: async ({ after }, { signal }) => changes.follow(after, signal),
    shutdown: async () => {
      setImmediate(shutdown);
      return { stopping: true };
    },
  };
}

export function metricsDocument(text: string) {
  return { filename: 'metrics.txt', mediaType: METRICS_MEDIA_TYPE, text };
}
