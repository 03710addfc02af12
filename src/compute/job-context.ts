/**
 * The context handed to a job, over any port. It sends heartbeats from the work loop (never from a free-running timer),
 * so a loop that is stuck goes silent and is found.
 */
import { AppError } from '#base/errors';
import { throwIfCancelled } from '#base/async';
import type { FromWorker } from '#contract/worker-messages';
import type { JobContext } from './job';
import type { AnswerQuestion, Questions } from './questions';

/** Longest time that a job holds the turn although it calls `breathe`, in milliseconds. */
const BREATH_MS = 20;
const DEFAULT_PENDING_LIMIT_MS = 10 * 60_000;

export interface JobContextOptions {
  readonly post: (message: FromWorker) => void;
  readonly signal: AbortSignal;
  readonly heartbeatMs: number;
  readonly resumeFrom: unknown;
  readonly answer: Questions['answer'];
}

export function createJobContext({ post, signal, heartbeatMs, resumeFrom, answer }: JobContextOptions): JobContext {
  let lastBeat = performance.now();
  let lastBreath = lastBeat;

  function send(message: FromWorker): void {
    lastBeat = performance.now();
    post(message);
  }

  function heartbeat(): void {
    if (performance.now() - lastBeat >= heartbeatMs / 2) send({ type: 'heartbeat' });
  }

  async function breathe(): Promise<void> {
    heartbeat();
    if (performance.now() - lastBreath >= BREATH_MS) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      lastBreath = performance.now();
    }
    throwIfCancelled(signal);
  }

  async function whilePending<T>(pending: Promise<T>, limitMs = DEFAULT_PENDING_LIMIT_MS): Promise<T> {
    throwIfCancelled(signal);
    const cancelled = Promise.withResolvers<never>();
    const onAbort = (): void => cancelled.reject(new AppError('CANCELLED', 'Cancelled.'));
    signal.addEventListener('abort', onAbort, { once: true });
    const until = performance.now() + limitMs;
    const timer = setInterval(() => {
      if (performance.now() < until) heartbeat();
    }, heartbeatMs / 2);
    try {
      return await Promise.race([pending, cancelled.promise]);
    } finally {
      clearInterval(timer);
      signal.removeEventListener('abort', onAbort);
      lastBreath = performance.now();
    }
  }

  async function answerUntilCancelled(handler: AnswerQuestion): Promise<void> {
    answer(handler);
    const timer = setInterval(heartbeat, heartbeatMs / 2);
    try {
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    } finally {
      clearInterval(timer);
    }
  }

  return {
    signal,
    resumeFrom,
    answerUntilCancelled,
    heartbeat,
    breathe,
    whilePending,
    holdsVram: (bytes) => send({ type: 'heartbeat', vramBytes: bytes }),
    emit: (progress) => send({ type: 'progress', progress }),
    log: (level, message) => send({ type: 'log', level, message }),
    checkpoint: (state) => send({ type: 'checkpoint', checkpoint: state }),
  };
}
