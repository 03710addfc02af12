/** `UtilityProcess` over Node's fork: the id is known after `spawn`, the reason of a crash comes on another event than the exit. */
import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { Details, ForkOptions } from 'electron';

export class StandInUtilityProcess extends EventEmitter {
  pid: number | undefined = undefined;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly #child: ChildProcess;

  constructor(path: string, args: string[], options: ForkOptions, onGone: (details: Details) => void) {
    super();
    const child = fork(path, args, {
      serialization: 'advanced',
      env: { ...options.env },
      execArgv: options.execArgv ?? [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    child.once('spawn', () => {
      this.pid = child.pid;
      this.emit('spawn');
    });
    child.on('message', (message) => this.emit('message', message));
    child.once('close', (code, signal) => {
      this.pid = undefined;
      const exitCode = code ?? constants.signals[signal ?? 'SIGTERM'];
      this.emit('exit', exitCode);
      if (exitCode === 0) return;
      const reason =
        signal === 'SIGKILL' || signal === 'SIGTERM' ? 'killed' : signal === null ? 'abnormal-exit' : 'crashed';
      onGone({
        type: 'Utility',
        reason,
        exitCode,
        serviceName: options.serviceName ?? '',
        name: options.serviceName ?? '',
      });
    });
  }

  postMessage(message: unknown): void {
    if (this.#child.connected) this.#child.send(message as Parameters<ChildProcess['send']>[0], () => {}); // any cloneable value
  }

  kill(): boolean {
    return this.#child.kill('SIGTERM');
  }
}
