/** Log lines for people, on stderr: level, message, facts. */
import { LOG_LEVELS, type Log, type LogLevel } from '#base/log';
import type { Output } from './terminal';

export function createTerminalLog(output: Output, level: LogLevel): Log {
  const least = LOG_LEVELS.indexOf(level);
  const write = (at: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    if (LOG_LEVELS.indexOf(at) < least) return;
    const facts = Object.entries(fields).map(([name, value]) => ` ${name}=${plain(value)}`);
    output.write(`sextant: ${at === 'info' ? '' : `${at}: `}${message}${facts.join('')}\n`);
  };
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}

function plain(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
}
