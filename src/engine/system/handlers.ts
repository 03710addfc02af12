/** The operations of `contract/system.ts`. */
import type { DeviceLadder } from '#contract/devices';
import type { Storage, SystemInfo } from '#contract/system';
import type { HandlersOf } from '../api/handlers';
import type { ChangeFeed } from '../events';
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
  /** Throws where the store does not answer. */
  checkStore(): void;
  runningJobs(): number;
  /** Called after the answer has been given. */
  shutdown(): void;
}

export function createSystemHandlers(options: SystemHandlerOptions): HandlersOf<'system'> {
  const { info, changes, load, storage, devices, metrics, checkStore, runningJobs, shutdown } = options;

  function storeState(): 'ok' | 'failed' {
    try {
      checkStore();
      return 'ok';
    } catch {
      // The reason is in the log of whoever uses the store next; health only says that it failed.
      return 'failed';
    }
  }

  return {
    health: async () => {
      const store = storeState();
      return { status: store === 'ok' ? 'ok' : 'degraded', store, runningJobs: store === 'ok' ? runningJobs() : 0 };
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
