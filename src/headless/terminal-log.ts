/** Log lines for people, on stderr: level, message, facts. */
import type { Log } from '#base/log';
import type { Output } from './terminal';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

export function createTerminalLog(output: Output, level: LogLevel): Log {
  const least = LEVELS.indexOf(level);
  const write = (at: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    if (LEVELS.indexOf(at) < least) return;
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
