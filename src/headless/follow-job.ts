/** Follows a job to its end over any road; a lost line is taken up again behind the last event that was seen. */
import { setTimeout as wait } from 'node:timers/promises';
import { AppError, fromWire, isErrorCode, type WireError } from '#base/errors';
import type { Client } from '#contract/client';
import type { JobEvent, JobStatus } from '#contract/jobs';
import type { ProgressReporter } from './progress';
import type { Terminal } from './terminal';

const RETRY_MS = 500;
const RETRIES = 60;
const ENDED: readonly JobStatus[] = ['succeeded', 'failed', 'cancelled'];

interface Ended {
  readonly status: JobStatus;
  readonly error: WireError | undefined;
}

/** Every event in order, once. Ends behind the event that ends the job or puts it into quarantine. */
async function* followEvents(client: Client, job: string, signal: AbortSignal): AsyncGenerator<JobEvent, void, void> {
  let after = 0;
  let failures = 0;
  for (;;) {
    try {
      for await (const event of await client.jobs.events({ job, after }, { signal })) {
        after = event.seq;
        failures = 0;
        yield event;
        if (event.type === 'status' && ENDED.includes(event.status)) return;
      }
      const { status, quarantinedAt } = await client.jobs.show({ job }, { signal });
      if (ENDED.includes(status) || quarantinedAt !== null) return;
    } catch (error) {
      const lost = error instanceof AppError && (error.code === 'UNAVAILABLE' || error.code === 'RATE_LIMITED');
      if (!lost || signal.aborted || ++failures > RETRIES) throw error;
    }
    await wait(RETRY_MS, undefined, { signal });
  }
}

/**
 * Waits for a job, showing its progress. The first Ctrl-C cancels the job, the second stops watching.
 * Errors: the job's own error; CANCELLED.
 */
export async function followJob(
  client: Client,
  job: string,
  { terminal, progress, staysBehind }: { terminal: Terminal; progress: ProgressReporter; staysBehind: boolean },
): Promise<void> {
  const watching = new AbortController();
  let asked = false;
  const stop = terminal.onInterrupt(() => {
    if (asked) {
      watching.abort();
      return;
    }
    asked = true;
    progress.note(`Cancelling the job. Press Ctrl-C again to stop watching${staysBehind ? '; the job goes on' : ''}.`);
    client.jobs.cancel({ job }).catch((error: unknown) => progress.note(`Cancelling failed: ${String(error)}`));
  });
  let ended: Ended = { status: 'running', error: undefined };
  try {
    for await (const event of followEvents(client, job, watching.signal)) {
      progress.event(event);
      if (event.type === 'status') ended = { status: event.status, error: event.error };
    }
  } catch (error) {
    if (watching.signal.aborted) throw new AppError('CANCELLED', `No longer watching job ${job}.`);
    throw error;
  } finally {
    stop();
    progress.done();
  }
  if (!ENDED.includes(ended.status)) ended = await lookUp(client, job);
  if (ended.status === 'succeeded') return;
  if (ended.status === 'cancelled')
    throw new AppError('CANCELLED', 'The job was cancelled; what it had finished is kept.');
  throw fromWire(ended.error ?? { code: 'INTERNAL', message: `The job ended as ${ended.status} without a reason.` });
}

async function lookUp(client: Client, job: string): Promise<Ended> {
  const { status, error } = await client.jobs.show({ job });
  return { status, error: error !== null && isErrorCode(error.code) ? error : undefined };
}
