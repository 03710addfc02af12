/** G6: the same experiment, every order filled one day later. */
import { mean, standardDeviation } from '#quant/array/stats';
import type { ResearchConfig } from '#quant/research/config';
import { PERIODS_PER_YEAR } from '#quant/research/statistics';
import { type Finding, figure, notRun } from '../guard';
import type { AuditContext, AuditSubject, Trace } from '../study';

const LARGEST_LAG = 10;
const MOST_LOST = 0.5;

export async function checkLagStress(
  { config, data, study: make }: AuditSubject,
  base: Trace,
  context: AuditContext,
): Promise<Finding> {
  const { lag, purge } = config.backtest;
  if (lag >= LARGEST_LAG) return notRun(`The lag of ${lag} bars is the longest one that a run can have.`);
  context.emit({ stage: 'lag stress', detail: `lag ${lag + 1}`, step: 0, of: 1 });
  const later: ResearchConfig = {
    ...config,
    backtest: { ...config.backtest, lag: lag + 1, ...(purge === undefined ? {} : { purge: purge + 1 }) },
  };
  const stressed = await make(later).trace(data, { primaryOnly: true });
  if (stressed.stopped !== null) return notRun(`The run does not work with a lag of ${lag + 1}: ${stressed.stopped}`);
  return lagFinding(sharpe(base.strategies[0].net), sharpe(stressed.strategies[0].net), lag);
}

function sharpe(returns: Float64Array): number {
  return (mean(returns) / standardDeviation(returns)) * Math.sqrt(PERIODS_PER_YEAR);
}

/** `before` and `after`: annual Sharpe ratios at the run's lag and at one bar more. */
export function lagFinding(before: number, after: number, lag: number): Finding {
  const lost = before > 0 ? 1 - after / before : NaN;
  const figures = [
    figure(`Sharpe ratio, lag ${lag}`, before),
    figure(`Sharpe ratio, lag ${lag + 1}`, after),
    figure('share lost', lost),
  ];
  const numbers = `Sharpe ratio ${before.toFixed(2)} with a lag of ${lag}, ${after.toFixed(2)} with ${lag + 1}`;
  if (!Number.isFinite(before) || !Number.isFinite(after)) {
    return { ...notRun('The returns do not vary, so that there is no Sharpe ratio to stress.'), figures };
  }
  const alarm = lost > MOST_LOST;
  return {
    status: alarm ? 'warning' : 'passed',
    summary: alarm ? `${numbers}: more than half of it hangs on trading at the very next close.` : `${numbers}.`,
    figures,
    table: null,
    notes: before > 0 ? [] : ['The Sharpe ratio is not positive: there is nothing to lose, and no share is stated.'],
  };
}
