/** The leakage audit of a run at a terminal: one line per guard, then what needs explaining. */
import type { Run } from '#contract/runs';
import { formatTable, show } from './table';

type Leakage = NonNullable<Run['leakage']>;
type Guard = Leakage['guards'][number];

const WORDS: Readonly<Record<Guard['status'], string>> = {
  passed: 'passed',
  failed: 'FAILED',
  warning: 'warning',
  'not-run': 'not run',
};

export function presentLeakage({ leakage, name }: Run): string {
  if (leakage === null) return `Leakage guards have not been run. Run them: sextant runs audit ${name}\n`;
  const { guards, survivorship, auditedAt, effort } = leakage;
  const table = formatTable(guards, [
    { title: 'GUARD', value: ({ id, title }) => `${id} ${title}` },
    { title: 'STATUS', value: ({ status }) => WORDS[status] },
    { title: 'FINDING', value: ({ summary }) => summary, most: 200 },
  ]);
  const details = guards.filter(({ status }) => status === 'failed' || status === 'warning').map(detailsOf);
  const meter = survivorship === null ? '' : `Survivorship: ${survivorship.summary}\n`;
  return [`Leakage guards, ${effort} audit of ${auditedAt}\n${table}`, ...details, meter]
    .filter((part) => part !== '')
    .join('\n');
}

/** Figures and the first rows of evidence of a guard that found something. */
function detailsOf({ id, title: name, gate, figures, table, notes }: Guard): string {
  const lines = figures.map(({ name, value, unit }) => `  ${name}: ${show(value)}${unit === '' ? '' : ` ${unit}`}\n`);
  const evidence =
    table === null
      ? ''
      : formatTable(
          table.rows.slice(0, 8),
          table.columns.map((title, i) => ({ title, value: (row: (typeof table.rows)[number]) => row[i] })),
          '  ',
        );
  return `${id} ${name}: ${gate}\n${lines.join('')}${evidence}${notes.map((note) => `  ${note}\n`).join('')}`;
}
