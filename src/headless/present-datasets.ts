/** Datasets for people at a terminal. */
import type { Client } from '#contract/client';
import { formatPairs, formatTable, percent } from './table';

type Answer<Name extends keyof Client['datasets']> = Awaited<ReturnType<Client['datasets'][Name]>>;

export function presentDatasets({ datasets, total }: Answer<'list'>): string {
  if (total === 0)
    return 'No datasets yet. Make one: sextant datasets generate, or sextant datasets import FILE --name NAME\n';
  const table = formatTable(datasets, [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'VERSION', value: ({ version }) => version },
    { title: 'ASSETS', value: ({ manifest }) => manifest.assets },
    { title: 'ROWS', value: ({ manifest }) => manifest.rows },
    { title: 'FROM', value: ({ manifest }) => manifest.firstDate },
    { title: 'TO', value: ({ manifest }) => manifest.lastDate },
    { title: 'ERRORS', value: ({ findings }) => findings.error },
    { title: 'WARNINGS', value: ({ findings }) => findings.warning },
    { title: 'ID', value: ({ id }) => id },
  ]);
  return table + more(datasets.length, total);
}

export function presentDataset(dataset: Answer<'show'>): string {
  const { manifest, findings } = dataset;
  return formatPairs([
    ['name', `${dataset.name} (version ${dataset.version})`],
    ['id', dataset.id],
    ['content', dataset.contentHash],
    ['made', dataset.createdAt],
    ['layout', manifest.layout],
    ['span', `${manifest.firstDate} to ${manifest.lastDate}`],
    ['assets', manifest.assets],
    ['rows', manifest.rows],
    ['rejected rows', manifest.rejectedRows],
    ['fields', manifest.fields.join(', ')],
    ['benchmark', manifest.benchmark],
    ['membership', manifest.hasMembership],
    ['sectors', manifest.hasSectors],
    ['findings', `${findings.error} errors, ${findings.warning} warnings, ${findings.info} notes`],
    ...manifest.sources.map((source) => ['source', `${source.name} sha256 ${source.sha256.slice(0, 16)}…`] as const),
    ...(manifest.generator === null
      ? []
      : [['generated', `${manifest.generator.preset}, seed ${manifest.generator.seed}`] as const]),
  ]);
}

export function presentQuality({ findings, coverageByYear }: Answer<'quality'>): string {
  const order = ['error', 'warning', 'info'];
  const sorted = [...findings].sort(
    (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || b.count - a.count,
  );
  const table =
    sorted.length === 0
      ? 'Nothing to report.\n'
      : formatTable(sorted, [
          { title: 'SEVERITY', value: ({ severity }) => severity },
          { title: 'COUNT', value: ({ count }) => count },
          { title: 'FINDING', value: ({ title }) => title, most: 50 },
          { title: 'WHAT IS DONE', value: ({ action }) => action, most: 70 },
        ]);
  const coverage = formatTable(coverageByYear, [
    { title: 'YEAR', value: ({ year }) => year },
    { title: 'ASSETS', value: ({ assets }) => assets },
    { title: 'ROWS', value: ({ rows }) => rows },
    { title: 'COVERAGE', value: ({ share }) => percent(share), align: 'right' },
  ]);
  return `${table}\n${coverage}`;
}

export function presentRejects({ rejects, total }: Answer<'rejects'>): string {
  if (total === 0) return 'No row was rejected.\n';
  const table = formatTable(rejects, [
    { title: 'FILE', value: ({ file }) => file, most: 30 },
    { title: 'LINE', value: ({ line }) => line },
    { title: 'COLUMN', value: ({ column }) => column },
    { title: 'REASON', value: ({ reason }) => reason, most: 60 },
    { title: 'TEXT', value: ({ text }) => text, most: 60 },
  ]);
  return table + more(rejects.length, total);
}

export function presentAssets({ assets }: Answer<'assets'>): string {
  return formatTable(assets, [
    { title: 'ASSET', value: ({ asset }) => asset },
    { title: 'SECTOR', value: ({ sector }) => sector },
    { title: 'FROM', value: ({ firstDate }) => firstDate },
    { title: 'TO', value: ({ lastDate }) => lastDate },
    { title: 'ROWS', value: ({ rows }) => rows },
    { title: 'GAPS', value: ({ gaps }) => gaps },
  ]);
}

export function presentPreview(preview: Answer<'preview'>): string {
  const mapping = Object.entries(preview.mapping).map(([field, column]) => `${field} ← ${column}`);
  const head = formatPairs([
    ['layout', preview.layout ?? 'not detected; map the columns with --mapping.date NAME …'],
    ['delimiter', preview.delimiter],
    ['dates', preview.dateFormat],
    ['mapping', mapping.join(', ')],
  ]);
  const rows = formatTable(
    preview.rows.slice(0, 8),
    preview.columns.map((title, i) => ({ title, value: (row: readonly (string | null)[]) => row[i], most: 24 })),
  );
  const problems = preview.problems.map(({ severity, message }) => `${severity}: ${message}\n`).join('');
  return `${head}\n${rows}${problems === '' ? '' : `\n${problems}`}`;
}

export function more(shown: number, total: number): string {
  return shown < total ? `\n${total - shown} more; see --offset and --limit.\n` : '';
}
