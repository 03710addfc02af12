/** Reads the files of a log, newest line first, and keeps what a filter lets through. A file that goes meanwhile is left out. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOG_LEVELS, type LogLevel } from '#base/log';
import type { LogLine } from '#contract/logs';
import type { LogContent } from './log-content';
import { logFiles } from './log-file';
import { parseLogLine } from './log-line';

export interface LogFilter {
  /** The least level. */
  readonly level?: LogLevel | undefined;
  readonly component?: string | undefined;
  readonly correlation?: string | undefined;
  readonly job?: string | undefined;
  /** UTC milliseconds, included. */
  readonly since?: number | undefined;
}

export function passes(line: LogLine, filter: LogFilter): boolean {
  return (
    LOG_LEVELS.indexOf(line.level) >= LOG_LEVELS.indexOf(filter.level ?? 'debug') &&
    (filter.component === undefined || line.component === filter.component) &&
    (filter.correlation === undefined || line.correlation === filter.correlation) &&
    (filter.job === undefined || line.job === filter.job) &&
    (filter.since === undefined || Date.parse(line.at) >= filter.since)
  );
}

export async function readLog(folder: string, content: LogContent | null, filter: LogFilter): Promise<LogLine[]> {
  const found: LogLine[] = [];
  for (const { name } of logFiles(folder).toReversed()) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    for (const written of text.split('\n').toReversed()) {
      // Looked for before it is parsed: most lines of a full log are of other calls.
      if (filter.correlation !== undefined && !written.includes(filter.correlation)) continue;
      if (filter.job !== undefined && !written.includes(filter.job)) continue;
      const line = parseLogLine(written, content);
      if (line !== null && passes(line, filter)) found.push(line);
    }
  }
  return found;
}
