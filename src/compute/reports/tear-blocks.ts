/** The tear sheet of one strategy: every measure that people expect, computed from its stored equity curve. */
import { AppError } from '#base/errors';
import { BENCHMARK_MEASURES } from '#quant/metrics/benchmark-measures';
import type { Measured } from '#quant/metrics/measured';
import { evaluateMeasures, OWN_MEASURES, type MeasureSpec } from '#quant/metrics/measures';
import { returnSample } from '#quant/metrics/sample';
import { tearSheet, trailingReturns } from '#quant/metrics/tear-sheet';
import { returnsOf, type Draft } from './drafting';
import type { RunFacts, RunSeries } from './facts';
import { MEASURE_FORMULAS } from './measure-formulas';
import type { Block, Cell, Row, Unit } from './model';

const PERIODS = 252;
const UNITS: Readonly<Record<MeasureSpec['unit'], Unit>> = {
  fraction: 'percent',
  ratio: 'decimal',
  number: 'decimal',
  count: 'integer',
};
/** Daily figures of fractions that one decimal of a percent would hide. */
const FINE = /^(expected_day|average_win|average_loss|var_|cvar_|alpha_per_period)/;

interface Line {
  readonly title: string;
  readonly unit: Unit;
  readonly formula: string;
  readonly values: readonly Measured[];
}

function linesOf(series: RunSeries, strategies: readonly RunSeries['strategies'][number][]): Line[] {
  const benchmark = series.strategies.find(({ role }) => role === 'benchmark');
  const reference = benchmark === undefined ? undefined : returnsOf(benchmark.equity);
  const sheets = strategies.map((strategy) => {
    const returns = returnsOf(strategy.equity);
    const sample = returnSample(returns, { periodsPerYear: PERIODS, riskFree: 0, alpha: 0.95 }, reference);
    return {
      own: evaluateMeasures(OWN_MEASURES, sample),
      pair: reference === undefined ? null : evaluateMeasures(BENCHMARK_MEASURES, sample),
      tear: tearSheet({
        dates: series.dates.slice(1),
        returns,
        exposure: Float64Array.from(strategy.exposure.slice(1)),
        periodsPerYear: PERIODS,
      }),
    };
  });
  const unit = (id: string, kind: MeasureSpec['unit']): Unit => (FINE.test(id) ? 'fine' : UNITS[kind]);
  const own = OWN_MEASURES.map((spec) => ({
    title: spec.title,
    unit: unit(spec.id, spec.unit),
    formula: MEASURE_FORMULAS[spec.id] ?? '',
    values: sheets.map((sheet) => sheet.own[spec.id]),
  }));
  const tear = (sheets[0]?.tear ?? []).map(({ id, title, unit: kind, formula }, k) => ({
    title,
    unit: unit(id, kind),
    formula,
    values: sheets.map((sheet) => sheet.tear[k].value),
  }));
  const pair = BENCHMARK_MEASURES.map((spec) => ({
    title: spec.title,
    unit: unit(spec.id, spec.unit),
    formula: MEASURE_FORMULAS[spec.id] ?? '',
    values: sheets.map((sheet) => sheet.pair?.[spec.id] ?? { value: null, reason: 'There is no benchmark.' }),
  }));
  return [...own, ...tear, ...(reference === undefined ? [] : pair)];
}

/** Two tables, measures and trailing returns; or the reason in words. */
export function tearBlocks(draft: Draft, { series }: RunFacts): Block[] {
  const { say } = draft;
  const shown = series.strategies.filter(({ role }) => role !== 'compare');
  try {
    const lines = linesOf(series, shown);
    const trailing = shown.map(({ equity }) => trailingReturns(series.dates.slice(1), returnsOf(equity), PERIODS));
    return [
      draft.table({
        id: 'tear_sheet',
        title: say('Tear sheet'),
        columns: [
          { title: say('Measure') },
          ...shown.map(({ name }) => ({ title: name, unit: 'decimal' as const })),
          { title: say('Definition') },
        ],
        rows: lines.map(({ title, unit, formula, values }): Row => ({
          cells: [
            say(title),
            ...values.map((value): Cell =>
              draft.figure(value.value, unit, 'measure', value.value === null ? value.reason : undefined),
            ),
            formula,
          ],
        })),
        note: say('Per day unless the name says otherwise. Value at risk and expected shortfall at 95 %.'),
      }),
      draft.table({
        id: 'trailing',
        title: say('Trailing returns'),
        columns: [{ title: say('Period') }, ...shown.map(({ name }) => ({ title: name, unit: 'percent' as const }))],
        rows: (trailing[0] ?? []).map(({ title }, k) => [
          say(title),
          ...trailing.map((list) => draft.figure(list[k].value, 'percent', 'month', say('The history is shorter.'))),
        ]),
      }),
    ];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [{ type: 'text', text: say('There is no tear sheet: {reason}', { reason: error.message }), tone: 'warn' }];
  }
}
