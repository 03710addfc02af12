/** The log interface that every layer sees; hosts decide where lines go. */

/**
 * Messages are constant sentences: what differs from line to line (names, paths, what was found) is a field, because the
 * log file keeps messages readable and fields with content sealed.
 */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** The same log with these fields on every line; a field of the line itself wins. */
export function withFields(log: Log, own: Readonly<Record<string, unknown>>): Log {
  const write =
    (level: LogLevel) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      log[level](message, { ...own, ...fields });
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
