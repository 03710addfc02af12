/**
 * Starts workers as plain Node child processes: advanced serialization (typed arrays survive), a scrubbed environment,
 * output line by line into the log, and an exit reason that names a signal or an exhausted heap.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Log } from '#base/log';
import type { FromWorker } from '#contract/worker-messages';
import type { WorkerHandle } from '#engine/host';
import { workerEnvironment } from '#engine/jobs/worker-environment';

export interface ChildProcessLauncherOptions {
  /** Absolute path of the built worker script. */
  readonly entry: string;
  readonly log: Log;
  /** Options for Node itself, such as `--max-old-space-size`. */
  readonly execArgv?: readonly string[];
}

const OUT_OF_MEMORY = /heap out of memory|Allocation failed|ERR_WORKER_OUT_OF_MEMORY/;

/** How long after the exit output may still arrive. */
const DRAIN_MS = 2000;

export function childProcessLauncher({
  entry,
  log,
  execArgv = [],
}: ChildProcessLauncherOptions): (log?: Log) => WorkerHandle {
  return (lines = log) => {
    const child = fork(entry, [], {
      serialization: 'advanced',
      env: workerEnvironment(process.env),
      execArgv: [...execArgv],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let outOfMemory = false;
    forwardLines(child.stdout, (line) => lines.info('A worker wrote:', { line, worker: child.pid }));
    forwardLines(child.stderr, (line) => {
      outOfMemory ||= OUT_OF_MEMORY.test(line);
      lines.warn('A worker wrote:', { line, worker: child.pid });
    });
    const exit = exitOf(child, () => outOfMemory);
    return {
      pid: child.pid,
      post(message) {
        if (child.connected) child.send(message, () => {}); // a child that died meanwhile is reported by its exit
      },
      onMessage: (listener) => {
        child.on('message', (message) => listener(message as FromWorker)); // only worker.ts holds the other end
      },
      onExit: (listener) => void exit.then(listener),
      kill: () => void child.kill('SIGKILL'),
    };
  };
}

function forwardLines(stream: Readable | null, write: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', write);
}

/**
 * Waits for `close`, not `exit`: by then all messages and output have arrived, so an answer is never overtaken by the
 * end. A grandchild that keeps the output open may delay it, but not for long.
 */
function exitOf(child: ChildProcess, outOfMemory: () => boolean): Promise<{ code: number | null; reason: string }> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, reason: `could not be started: ${error.message}` });
    });
    const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (outOfMemory()) resolve({ code, reason: 'oom' });
      else resolve({ code, reason: signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}` });
    };
    // The timer must hold the process: a child that is killed while it starts may never close its channel, and then
    // nothing else would be left to wait for.
    child.once('exit', (code, signal) => {
      const drained = setTimeout(ended, DRAIN_MS, code, signal);
      child.once('close', () => clearTimeout(drained));
    });
    child.once('close', ended);
  });
}
