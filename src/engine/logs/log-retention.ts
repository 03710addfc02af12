/** What retention asks of the log: whole files go, once their last day is older than the limit. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Retained } from '../privacy/retention';
import { logFiles } from './log-file';

const DAY_MS = 86_400_000;

export function retainedLogs(folder: string): Retained {
  const due = (before: number): readonly string[] =>
    logFiles(folder)
      .filter(({ day }) => Date.parse(day) + DAY_MS <= before)
      .map(({ name }) => name);
  return {
    title: 'Log files',
    due,
    countDue: (before) => due(before).length,
    count: () => logFiles(folder).length,
    remove(before) {
      const names = due(before);
      for (const name of names) rmSync(join(folder, name), { force: true });
      return names.length;
    },
  };
}
