/** Calls of operations by every road, counted and timed at the one door. */
import { ERROR_CODES, type ErrorCode } from '#base/errors';
import { operations } from '#contract/derive/operations';
import { LATENCY_BUCKETS } from './http-metrics';
import type { Metrics } from './metrics';

export interface MeteredCall {
  /** `runs.start` */
  readonly operation: string;
  readonly code: 'OK' | ErrorCode;
  readonly seconds: number;
}

/** Told of every call once it has been answered; of a stream when its first event can be read. */
export type CallMeter = (call: MeteredCall) => void;

export function createCallMeter(metrics: Metrics): CallMeter {
  const operation = operations.map(({ id }) => id);
  const count = metrics.counter({
    name: 'sextant_calls_total',
    help: 'Calls of operations by every road (screen, HTTP, command line), by how they ended.',
    labels: { operation, code: ['OK', ...Object.keys(ERROR_CODES)] },
  });
  const observe = metrics.histogram({
    name: 'sextant_call_duration_seconds',
    help: 'Time that the engine took to answer a call.',
    labels: { operation },
    buckets: LATENCY_BUCKETS,
  });
  return ({ operation: id, code, seconds }) => {
    count({ operation: id, code });
    observe({ operation: id }, seconds);
  };
}
