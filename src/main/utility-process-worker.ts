/**
 * Starts workers as Electron utility processes: the desktop's way to a child process (`child_process.fork` needs the
 * `runAsNode` fuse, which is off in the packaged program). Exit reasons come from three places that Electron spreads
 * them over: the exit code, the fatal error event and the application's `child-process-gone`.
 */
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { App, Details, ForkOptions, UtilityProcess } from 'electron';
import type { Log } from '#base/log';
import { isGpuRequest } from '#contract/gpu-window';
import type { FromWorker } from '#contract/worker-messages';
import type { WorkerHandle } from '#engine/host';
import { workerEnvironment } from '#engine/jobs/worker-environment';

export interface UtilityLauncherOptions {
  readonly app: Pick<App, 'on' | 'off'>;
  fork(modulePath: string, args: string[], options: ForkOptions): UtilityProcess;
  /** Absolute path of the built worker script. */
  readonly entry: string;
  readonly log: Log;
  /** A job asks for the graphics card. */
  onGpuRequest(child: UtilityProcess): void;
  /** How long to wait for the details of an exit that was not clean, milliseconds. */
  readonly detailsMs?: number;
  /** From the polite end to the kill that cannot be ignored, milliseconds. */
  readonly killMs?: number;
}

interface WorkerExit {
  readonly code: number | null;
  readonly reason: string;
}

let started = 0;

/** Each call of the result starts one process. */
export function utilityProcessLauncher(options: UtilityLauncherOptions): (log?: Log) => WorkerHandle {
  return (lines = options.log) => {
    // `child-process-gone` names the service, not the process: the number makes it this one.
    const serviceName = `Sextant worker ${++started}`;
    const child = options.fork(options.entry, [], {
      serviceName,
      env: workerEnvironment(process.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Electron forgets the number of a process that has ended, whose last lines may come later.
    let pid: number | undefined;
    child.once('spawn', () => (pid = child.pid));
    forwardLines(child.stdout, (line) => lines.info('A worker wrote:', { line, worker: pid }));
    forwardLines(child.stderr, (line) => lines.warn('A worker wrote:', { line, worker: pid }));
    const exit = exitOf(child, serviceName, options);
    return {
      get pid() {
        return child.pid;
      },
      post: (message) => child.postMessage(message),
      onMessage: (listener) => {
        child.on('message', (message: unknown) => {
          if (isGpuRequest(message)) options.onGpuRequest(child);
          else listener(message as FromWorker); // only worker.ts holds the other end
        });
      },
      onExit: (listener) => void exit.then(listener),
      kill: () => killFirmly(child, exit, options.killMs ?? 2000),
    };
  };
}

function forwardLines(stream: NodeJS.ReadableStream | null, write: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', write);
}

/** Settles once. An unclean exit waits a moment for the reason that Electron reports separately. */
function exitOf(
  child: UtilityProcess,
  serviceName: string,
  { app, detailsMs = 250 }: UtilityLauncherOptions,
): Promise<WorkerExit> {
  return new Promise((resolve) => {
    let reason: string | null = null;
    let code: number | null = null;
    let hasExited = false;
    const settle = (): void => {
      app.off('child-process-gone', onGone);
      resolve({ code, reason: reason ?? `exit code ${code ?? 'unknown'}` });
    };
    const onGone = (_event: unknown, details: Details): void => {
      if (details.serviceName !== serviceName && details.name !== serviceName) return;
      if (details.reason !== 'clean-exit') reason = wordsFor(details);
      if (hasExited) settle();
    };
    app.on('child-process-gone', onGone);
    child.on('error', (_type, location) => {
      reason = `fatal error in ${location}`;
    });
    child.once('exit', (exitCode) => {
      hasExited = true;
      code = exitCode;
      if (exitCode === 0 || reason !== null) settle();
      else setTimeout(settle, detailsMs);
    });
  });
}

/** In the words of the other launcher, so that the engine and its tests see one vocabulary. */
function wordsFor(details: Details): string {
  switch (details.reason) {
    case 'oom':
    case 'memory-eviction':
      return 'oom';
    case 'killed':
    case 'crashed':
      return signalOf(details.exitCode) ?? `${details.reason}, code ${details.exitCode}`;
    case 'launch-failed':
      return `could not be started: code ${details.exitCode}`;
    case 'clean-exit':
    case 'abnormal-exit':
      return `exit code ${details.exitCode}`;
    case 'integrity-failure':
      return `${details.reason}, code ${details.exitCode}`;
  }
}

/** POSIX: the exit code of a process that a signal ended is the signal's number, plus 128 where it left a core. */
function signalOf(exitCode: number): string | null {
  if (process.platform === 'win32') return null;
  const number = exitCode & 0x7f;
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return name === undefined ? null : `signal ${name}`;
}

/** `UtilityProcess.kill` sends SIGTERM, which a blocked process may not act on. */
function killFirmly(child: UtilityProcess, exit: Promise<WorkerExit>, killMs: number): void {
  child.kill();
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
  }, killMs);
  void exit.then(() => clearTimeout(timer));
}
