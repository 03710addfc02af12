/** Backups as text: what there is, and whether it would help. */
import type { Client } from '#contract/client';
import { formatTable } from './table';

type Listed = Awaited<ReturnType<Client['backups']['list']>>;

export function presentBackups({ folder, backups, problem, lastDrill, intervalMinutes }: Listed): string {
  const table =
    backups.length === 0
      ? `No backups yet. One is made every ${intervalMinutes} minutes while Sextant runs; now: sextant backups create.\n`
      : formatTable(backups, [
          { title: 'ID', value: ({ id }) => id },
          { title: 'MADE', value: ({ createdAt }) => createdAt },
          { title: 'REASON', value: ({ reason }) => reason },
          { title: 'ROWS', value: ({ rows }) => rows },
          { title: 'OBJECTS', value: ({ objects }) => objects },
          { title: 'BYTES', value: ({ databaseBytes, objectBytes }) => databaseBytes + objectBytes },
        ]);
  const drill =
    lastDrill === null
      ? 'No restore has been tried yet (sextant backups drill).'
      : `Restore drill ${lastDrill.passed ? 'passed' : 'FAILED'} at ${lastDrill.at}: ${lastDrill.detail}`;
  return `${table}\n${drill}\n${problem === null ? '' : `The last automatic backup failed: ${problem}\n`}In ${folder}\n`;
}
