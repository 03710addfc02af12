/** Runs for people at a terminal: the verdict first, then the comparison on the same dates and costs. */
import type { Client } from '#contract/client';
import type { Measure } from '#contract/fields';
import type { Run } from '#contract/runs';
import { more } from './present-datasets';
import { presentLeakage } from './present-leakage';
import { figure, formatPairs, formatTable, percent, show } from './table';

type Answer<Name extends keyof Client['runs']> = Awaited<ReturnType<Client['runs'][Name]>>;
type StrategyResult = Run['strategies'][number];

export function presentRuns({ runs, total }: Answer<'list'>): string {
  if (total === 0) return 'No runs yet. Start one: sextant runs start --file configs/experiments/demo.yaml\n';
  const table = formatTable(runs, [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'STATUS', value: ({ status }) => status },
    { title: 'DATASET', value: ({ dataset }) => `${dataset.name}@${dataset.version}` },
    { title: 'SHARPE', value: ({ headline }) => measure(headline?.sharpe), align: 'right' },
    { title: 'VERDICT', value: ({ headline, error }) => headline?.verdict ?? error?.message, most: 60 },
    { title: 'ID', value: ({ id }) => id },
  ]);
  return table + more(runs.length, total);
}

export function presentRun(run: Answer<'show'>): string {
  const { provenance, trials, headline, audit, capacity } = run;
  const head = formatPairs([
    ['run', run.name],
    ['id', run.id],
    ['experiment', run.experiment],
    ['status', run.status],
    ...(run.error === null ? [] : [['error', `${run.error.code}: ${run.error.message}`] as const]),
    ['dataset', `${run.dataset.name} (version ${run.dataset.version})`],
    ['verdict', headline?.verdict],
    ['trials', trials === null ? null : `${trials.inRun} in this run, ${trials.onDataset} on this dataset`],
    ['deflated Sharpe', trials === null ? null : deflated(trials)],
    ['capacity', capacity?.verdict],
    [
      'leakage audit',
      audit === null
        ? null
        : `${audit.passed ? 'passed' : 'FAILED'} (${audit.overlaps} overlaps in ${audit.checkedPairs} pairs, ${audit.sameBarFills} same-bar fills)`,
    ],
    ['seed and device', `${provenance.seed}, ${provenance.device}`],
    ['identity', provenance.identity.slice(0, 16)],
    ['result', provenance.resultHash?.slice(0, 16)],
    ['portfolio', run.portfolio],
    ...(run.rerun === null ? [] : [['rerun', run.rerun.verdict] as const]),
    ...Object.entries(run.tags).map(([name, value]) => [`tag ${name}`, value] as const),
    ...(run.note === '' ? [] : [['note', run.note] as const]),
  ]);
  const warnings = run.warnings.map((warning) => `warning: ${warning}\n`).join('');
  const comparisons = run.comparisons.map(
    ({ strategy, against, verdict }) => `${strategy} vs ${against}: ${verdict}\n`,
  );
  const leakage = run.status === 'succeeded' ? presentLeakage(run) : '';
  return [head, presentStrategies(run.strategies), comparisons.join(''), leakage, warnings]
    .filter((part) => part !== '')
    .join('\n');
}

function deflated({ deflatedSharpe }: NonNullable<Run['trials']>): string {
  const { value, reason, trials } = deflatedSharpe;
  return value === null ? (reason ?? '–') : `${figure(round(value))} after ${trials} trials`;
}

/** Net of costs, all on the same dates. */
export function presentStrategies(strategies: readonly StrategyResult[]): string {
  if (strategies.length === 0) return '';
  const value = (strategy: StrategyResult, name: string) => strategy.metrics[name]?.value ?? null;
  return formatTable(strategies, [
    { title: 'STRATEGY', value: ({ name }) => name, most: 28 },
    { title: 'ROLE', value: ({ role }) => role },
    { title: 'SHARPE', value: ({ metrics }) => measure(metrics.sharpe), align: 'right' },
    { title: 'PSR', value: (strategy) => value(strategy, 'psr') },
    { title: 'CAGR', value: (strategy) => percent(value(strategy, 'cagr')), align: 'right' },
    { title: 'VOLATILITY', value: (strategy) => percent(value(strategy, 'volatility')), align: 'right' },
    { title: 'MAX DRAWDOWN', value: (strategy) => percent(value(strategy, 'max_drawdown')), align: 'right' },
    { title: 'TURNOVER', value: (strategy) => percent(value(strategy, 'turnover')), align: 'right' },
  ]);
}

export function presentComparison({ runs, parameters, metrics, sameIdentity, missing }: Answer<'compare'>): string {
  const columns = runs.map(({ name }, i) => ({ title: name, i }));
  const parameterTable = formatTable(parameters, [
    { title: 'PARAMETER', value: ({ path }) => path },
    ...columns.map(({ title, i }) => ({ title, value: (row: (typeof parameters)[number]) => row.values[i] })),
  ]);
  const metricTable = formatTable(metrics, [
    { title: 'METRIC', value: ({ name }) => name },
    ...columns.map(({ title, i }) => ({ title, value: (row: (typeof metrics)[number]) => measure(row.values[i]) })),
  ]);
  const gone = missing.length === 0 ? '' : `Not there any more: ${missing.join(', ')}\n\n`;
  const same = sameIdentity ? 'Same identity: the results must be equal, bit for bit.\n\n' : '';
  return `${gone}${same}${parameters.length === 0 ? '' : `${parameterTable}\n`}${metricTable}`;
}

/** `0.84 [0.31, 1.36]`, or why there is no number. */
function measure(value: Measure | undefined): string {
  if (value === undefined) return '–';
  if (value.value === null) return value.reason ?? '–';
  const interval =
    value.low === undefined || value.high === undefined
      ? ''
      : ` [${show(round(value.low))}, ${show(round(value.high))}]`;
  return `${figure(round(value.value))}${interval}`;
}

function round(value: number): number {
  return Math.abs(value) >= 1000 ? value : Number(value.toFixed(Math.abs(value) < 0.01 ? 5 : 3));
}
