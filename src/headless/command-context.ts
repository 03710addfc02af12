/** What every command is given. */
import type { Log } from '#base/log';
import type { Session } from './session';
import type { Terminal } from './terminal';

/** Where the built program lies. */
export interface Program {
  /** Absolute path of the worker script. */
  readonly workerEntry: string;
  /** Folder of the built screen, or null. */
  readonly rendererDir: string | null;
  /** Folder that holds `configs/`. */
  readonly root: string;
}

export interface CommandContext {
  readonly terminal: Terminal;
  readonly program: Program;
  readonly log: Log;
  /** Absolute path. */
  readonly workspace: string;
  /** Whether stdout is for machines. */
  readonly json: boolean;
  /** Opens the workspace or attaches to its host; the caller closes it. */
  openSession(): Promise<Session>;
}

/** One JSON document on stdout. */
export function printJson(context: Pick<CommandContext, 'terminal'>, value: unknown): void {
  context.terminal.stdout.write(`${JSON.stringify(value)}\n`);
}
