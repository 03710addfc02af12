/** The desktop's log: JSON lines in one file of the user's folder, and on stderr while it is started from a terminal. */
import pino from 'pino';
import type { Log } from '#base/log';

/** Appends to `file`, making its folder; written at once, so that the last lines before a crash are there. Secrets never reach a log line; the paths below are a second net. */
export function openLog(file: string): Log {
  const streams = [
    { level: 'debug' as const, stream: pino.destination({ dest: file, mkdir: true, sync: true, mode: 0o600 }) },
    { level: 'warn' as const, stream: process.stderr },
  ];
  const logger = pino(
    { base: null, level: 'debug', redact: ['key', 'passphrase', 'token', '*.key', '*.passphrase', '*.token'] },
    pino.multistream(streams),
  );
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}
