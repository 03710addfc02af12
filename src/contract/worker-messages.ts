/**
 * The wire between the engine and a worker process: every message, in both directions, as tagged unions.
 * Payloads are structured-cloneable plain data (typed arrays included); no key, handle or database path ever crosses.
 */
import type { WireError } from '#base/errors';
import type { Progress } from './jobs';

/** What a worker can be asked to do; each name is one file in `compute/jobs/`. */
export type WorkerJobName =
  | 'preview-source'
  | 'import-prices'
  | 'generate-market'
  | 'run-research'
  | 'plan-run'
  | 'forecast-market'
  | 'risk-report'
  | 'timing-luck'
  | 'audit-run'
  | 'probe-devices'
  | 'promotion-gate'
  | 'serve-models'
  | 'render-report'
  | 'dataset-diff'
  | 'build-features'
  | 'export-model'
  | 'verify-models'
  | 'calc';

export type ToWorker =
  | {
      readonly type: 'start';
      readonly job: WorkerJobName;
      readonly input: unknown;
      readonly heartbeatMs: number;
      /** The last checkpoint of an earlier attempt; absent on the first. */
      readonly resumeFrom?: unknown;
    }
  | { readonly type: 'cancel' }
  /** To a job that answers questions until it is cancelled. */
  | { readonly type: 'ask'; readonly id: number; readonly question: unknown };

export type FromWorker =
  | { readonly type: 'ready' }
  /** Sent from the work loop itself (every `emit` and between batches), so that a stuck loop goes silent. */
  | {
      readonly type: 'heartbeat';
      /** Bytes that the job holds on the card from now on; absent where that has not changed. */
      readonly vramBytes?: number;
    }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  | { readonly type: 'checkpoint'; readonly checkpoint: unknown }
  | { readonly type: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly error: WireError }
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'error'; readonly error: WireError };
