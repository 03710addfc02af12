/**
 * The call to the timing-luck worker. It answers or refuses before a silent HTTP connection would be closed (2 minutes), so that
 * nobody is left with a broken connection instead of a reason.
 */
import { AppError } from '#base/errors';
import type { Queue } from '../jobs/queue';

export const LUCK_DEADLINE_MS = 110_000;

/** Errors: TOO_LARGE where the deadline passes; those of the job, CANCELLED, WORKER_CRASHED. */
export async function runTimingLuck(
  queue: Pick<Queue, 'runOnce'>,
  input: unknown,
  signal: AbortSignal | undefined,
  deadlineMs = LUCK_DEADLINE_MS,
): Promise<unknown> {
  try {
    return await queue.runOnce('timing-luck', input, { signal, deadlineMs });
  } catch (error) {
    if (!(error instanceof AppError) || error.data?.['reason'] !== 'deadline') throw error;
    throw new AppError(
      'TOO_LARGE',
      `Expected the timing luck of a run that is computed within ${deadlineMs / 1000} seconds, found it still at work. ` +
        'Start the run again with a later data.from, a faster model or rebalance: week (5 offsets), and ask again.',
      { data: { deadlineMs }, cause: error },
    );
  }
}
