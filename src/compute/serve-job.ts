/**
 * The worker's side of the wire: says `ready`, takes one `start`, runs that job, answers exactly once.
 * Independent of how the process was started: a port is all it knows.
 */
import { AppError, toWire } from '#base/errors';
import type { FromWorker, ToWorker } from '#contract/worker-messages';
import type { LoadJob } from './job';
import { createJobContext } from './job-context';
import { createQuestions } from './questions';

/** A worker's end of the channel to its host. */
export interface WorkerPort {
  post(message: FromWorker): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

/**
 * Serves one job over `port`. The process is meant for one job only: a second `start` is refused.
 * @returns when the answer has been posted
 */
export async function serveJob(port: WorkerPort, loadJob: LoadJob): Promise<void> {
  const cancel = new AbortController();
  const started = Promise.withResolvers<Extract<ToWorker, { type: 'start' }>>();
  const questions = createQuestions((message) => port.post(message));
  let taken = false;
  port.onMessage((message) => {
    if (message.type === 'cancel') {
      cancel.abort(new AppError('CANCELLED', 'Cancelled.'));
    } else if (message.type === 'ask') {
      questions.put(message.id, message.question);
    } else if (taken) {
      port.post({
        type: 'log',
        level: 'error',
        message: `Expected one job per worker; a second, "${message.job}", was ignored.`,
      });
    } else {
      taken = true;
      started.resolve(message);
    }
  });
  port.post({ type: 'ready' });

  const { job: name, input, heartbeatMs, resumeFrom } = await started.promise;
  const context = createJobContext({
    post: (message) => port.post(message),
    signal: cancel.signal,
    heartbeatMs,
    resumeFrom,
    answer: questions.answer,
  });
  try {
    const job = await loadJob(name);
    const result = await job(input as never, context); // the engine code that named the job prepared the input for it
    port.post({ type: 'result', result });
  } catch (error) {
    port.post({ type: 'error', error: toWire(error) });
  }
}
