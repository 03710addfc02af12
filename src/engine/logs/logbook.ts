/**
 * The log of a workspace: JSON lines in files, and the host's own log beside them. A line says when, how serious, which component, on whose
 * behalf; of its fields only names and figures from a closed list stay readable, the rest is sealed. Lines from before the workspace is open
 * wait in memory, and only the process that owns the workspace writes.
 */
import pino from 'pino';
import type { Log, LogLevel } from '#base/log';
import type { LogLine } from '#contract/logs';
import type { Keyring } from '../store/keyring';
import { currentScope } from './call-scope';
import { createLogContent, type LogContent } from './log-content';
import { openLogFile, type LogFile, type LogFileOptions } from './log-file';
import { asLogLine } from './log-line';
import { readLog, type LogFilter } from './log-reader';
import { scrub, scrubText } from './scrub';

type Fields = Readonly<Record<string, unknown>>;

/** What a line is made safe with. Only a sabotage test passes another. */
export interface LogProtection {
  isReadable(name: string, value: unknown): boolean;
  scrub(value: unknown, name?: string): unknown;
}

export interface LogbookOptions extends Partial<Pick<LogFileOptions, 'fileBytes' | 'allBytes' | 'retryMs'>> {
  /** Absolute path; made with mode 0700 when there is a line to write. */
  readonly folder: string;
  readonly host: string;
  /** Gets every line too, as it was said; its lines are for the person who started the program. */
  readonly console: Log;
  /** UTC milliseconds. */
  now(): number;
  readonly protection?: LogProtection;
}

export interface Logbook {
  readonly log: Log;
  readonly folder: string;
  /**
   * From now on lines are written, those that waited first. Call it while this process owns the workspace.
   * @param writes false where the workspace is only shown: its lines can be read, and none is added
   */
  open(keyring: Keyring, writes?: boolean): void;
  /** Lines wait again. */
  close(): void;
  /** Newest first, without those that a crash or another program left unreadable. */
  read(filter: LogFilter): Promise<readonly LogLine[]>;
  /** Calls `listener` with every line as it is written. @returns stops it */
  follow(listener: (line: LogLine) => void): () => void;
}

const MOST_WAITING = 500;

/** Fields that say what kind of thing happened, never to what: their names are all that stands readable in a file. */
const READABLE = new Set(
  (
    'component operation transport code job kind status ms pid worker silentMs attempt role signal files rows ' +
    'revoked correlation trace span seconds bytes count'
  ).split(' '),
);

export const LOG_PROTECTION: LogProtection = {
  isReadable: (name, value) =>
    READABLE.has(name) && (typeof value !== 'string' || /^[A-Za-z0-9._:-]{1,64}$/.test(value)),
  scrub,
};

interface Said {
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Fields;
}

export function createLogbook(options: LogbookOptions): Logbook {
  const { folder, host, console: terminal, now, protection = LOG_PROTECTION } = options;
  const listeners = new Set<(line: LogLine) => void>();
  let waiting: Said[] = [];
  let content: LogContent | null = null;
  let file: LogFile | null = null;
  let at = 0;
  let seq = 0;

  const writer = pino(
    {
      base: { pid: process.pid, host },
      level: 'debug',
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(at).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => file?.append(line.trimEnd()) },
  );

  function write(said: Said): void {
    ({ at } = said);
    const readable: Record<string, unknown> = {};
    const hidden: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(said.fields)) {
      const clean = protection.scrub(value, name);
      if (clean === undefined) continue;
      (protection.isReadable(name, clean) ? readable : hidden)[name] = clean;
    }
    const time = new Date(at).toISOString();
    const message = scrubText(said.message);
    const sealed = Object.keys(hidden).length === 0 ? undefined : content?.seal(hidden, time);
    writer[said.level]({ seq: ++seq, ...readable, ...(sealed !== undefined && { content: sealed }) }, message);
    if (listeners.size === 0) return;
    const line = asLogLine({ seq, at: time, level: said.level, message }, { ...readable, ...hidden });
    for (const listener of listeners) listener(line);
  }

  function take(level: LogLevel, message: string, fields: Fields = {}): void {
    const { component: _component, ...shown } = fields;
    terminal[level](message, Object.keys(shown).length === 0 ? undefined : shown);
    const scope = currentScope();
    const named = {
      component: 'engine',
      ...(scope !== undefined && { correlation: scope.correlation }),
      ...(scope?.job !== undefined && { job: scope.job }),
      ...(scope?.traceparent !== undefined && { trace: scope.traceparent.split('-')[1] }),
      ...fields,
    };
    const said = { at: now(), level, message, fields: named };
    if (file !== null) write(said);
    else if (waiting.length < MOST_WAITING) waiting.push(said);
  }

  const say = (level: LogLevel) => (message: string, fields?: Fields) => take(level, message, fields);
  return {
    folder,
    log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    open(keyring, writes = true) {
      content = createLogContent(keyring);
      if (!writes) return;
      file = openLogFile({
        ...options,
        onTrouble: (error) =>
          terminal.warn('The log files cannot be written; Sextant works on without them.', { found: String(error) }),
      });
      const said = waiting;
      waiting = [];
      for (const each of said) write(each);
    },
    close() {
      file?.close();
      file = null;
      content = null;
    },
    read: (filter) => readLog(folder, content, filter),
    follow(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
