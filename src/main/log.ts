/** The desktop's own log: JSON lines on stderr for whoever started it from a terminal; the files are the workspace's. */
import pino from 'pino';
import type { Log, LogLevel } from '#base/log';

/** Warnings and errors. Secrets never reach a log line; the paths below are a second net. */
export function createStderrLog(): Log {
  const redact = ['key', 'passphrase', 'token', '*.key', '*.passphrase', '*.token'];
  const logger = pino({ base: null, level: 'warn', redact }, process.stderr);
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}

/** A log for what is there before the engine: it writes to `first` until it is told where lines go from then on. */
export function relayedLog(first: Log): { readonly log: Log; continueIn(next: Log): void } {
  let target = first;
  const write =
    (level: LogLevel): Log[LogLevel] =>
    (message, fields) =>
      target[level](message, fields);
  return {
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    continueIn: (next) => void (target = next),
  };
}
