/** One line of a log as people and programs read it, made from what stands in the file. */
import { LOG_LEVELS } from '#base/log';
import type { LogLine } from '#contract/logs';
import type { LogContent } from './log-content';

type Fields = Readonly<Record<string, unknown>>;

/** Fields that every line has a place for. */
export function asLogLine(head: Pick<LogLine, 'seq' | 'at' | 'level' | 'message'>, fields: Fields): LogLine {
  const { component, correlation, job, trace, ...rest } = fields;
  return {
    ...head,
    component: text(component) ?? 'engine',
    correlation: text(correlation),
    job: text(job),
    trace: text(trace),
    fields: rest,
  };
}

/** Null for what is no line: the end of one that a crash cut off, or what another program wrote. */
export function parseLogLine(written: string, content: LogContent | null): LogLine | null {
  const line = parsed(written);
  if (line === null) return null;
  const { time, level, message, seq, pid: _pid, host: _host, content: sealed, ...fields } = line;
  const known = LOG_LEVELS.find((name) => name === level);
  if (known === undefined || typeof time !== 'string' || typeof message !== 'string' || typeof seq !== 'number') {
    return null;
  }
  const opened = typeof sealed === 'string' ? (content?.open(sealed, time) ?? { sealed: true }) : {};
  return asLogLine({ seq, at: time, level: known, message }, { ...fields, ...opened });
}

function parsed(written: string): Fields | null {
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
