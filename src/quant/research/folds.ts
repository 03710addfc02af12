/** The refit periods of the primary strategy: what each fit was trained on and how its decisions did. */
import { mean, standardDeviation } from '../array/stats';
import type { FoldOutcome } from './result';
import type { ResearchWork } from './run-research';
import { type Fit, planFits } from './schedule';
import { PERIODS_PER_YEAR } from './statistics';

const finite = (value: number) => (Number.isFinite(value) ? value : null);

/** `returns` are the primary strategy's daily net returns from the day after the first decision. */
export function foldOutcomes(work: ResearchWork, returns: Float64Array): FoldOutcome[] {
  const { schedule, panel, config, runs, forecasts } = work;
  const { lag } = config.backtest;
  const plan = runs[0].plan.forecast;
  const outcome = plan && forecasts.get(plan.key);
  const fits = (outcome ? outcome.fits : lookbackFits(work)).filter((fit) => fit.firstTestRow < schedule.finalRow);
  const startRow = schedule.decisionRows[0];
  return fits.map((fit, k) => {
    // A fit's holdings live from its first fill to the next fit's.
    const from = fit.firstTestRow + lag;
    const to = k + 1 < fits.length ? fits[k + 1].firstTestRow + lag : schedule.finalRow;
    const slice = returns.subarray(from - startRow, Math.max(from, to) - startRow);
    const growth = slice.reduce((product, r) => product * (1 + r), 1);
    return {
      trainFrom: panel.dates[fit.firstTrainRow],
      trainTo: panel.dates[fit.lastTrainRow],
      testFrom: panel.dates[from],
      testTo: panel.dates[to],
      purged: fit.fitRow - fit.lastTrainRow,
      trainRows: outcome ? outcome.trainRows[k] : fit.lastTrainRow - fit.firstTrainRow + 1,
      metrics: {
        return: slice.length > 0 ? growth - 1 : null,
        sharpe: finite((mean(slice) / standardDeviation(slice)) * Math.sqrt(PERIODS_PER_YEAR)),
        rank_ic: outcome ? foldRankIc(outcome.rankIc, schedule.decisionRows, fit) : null,
        ...tunedValues(outcome?.tuned[k]),
      },
    };
  });
}

/** Numbers chosen by tuning, as `tuned_…`. */
function tunedValues(choice: Readonly<Record<string, unknown>> = {}): Record<string, number> {
  const named = Object.entries(choice).map(([name, value]): [string, unknown] => [`tuned_${name}`, value]);
  return Object.fromEntries(named.filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}

/** Strategies without a forecast learn only from the look-back that ends at the decision; nothing needs purging. */
function lookbackFits({ schedule, panel, config }: ResearchWork): Fit[] {
  const { lookback } = config.backtest;
  return planFits(panel.dates, schedule, config.backtest, { warmUp: 0, horizon: 0 }).map((fit) => ({
    ...fit,
    firstTrainRow: fit.fitRow - lookback + 1,
    lastTrainRow: fit.fitRow,
  }));
}

function foldRankIc(rankIc: Float64Array, rows: readonly number[], fit: Fit): number | null {
  const known = rankIc.filter(
    (ic, k) => Number.isFinite(ic) && k < rows.length && rows[k] >= fit.firstTestRow && rows[k] <= fit.lastTestRow,
  );
  return known.length > 0 ? mean(known) : null;
}
