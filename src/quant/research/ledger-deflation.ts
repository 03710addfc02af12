/**
 * The Sharpe ratio of a run, deflated by everything that was ever tried on its dataset (Bailey, López de Prado 2014).
 * It depends on what was tried before, so it stands beside a result and never in it.
 */
import { variance } from '../array/stats';
import { equityReturns } from '../backtest/simulation';
import { deflatedSharpe } from '../inference/sharpe';
import { type Measured, measured, unavailable } from '../metrics/measured';
import type { ResearchResult } from './result';
import { PERIODS_PER_YEAR, sharpeOrNull } from './statistics';

/** What a workspace knows of a dataset before a run is counted. */
export interface PriorTrials {
  /** Hashes of the distinct strategies tried. */
  readonly strategies: readonly string[];
  /** Their annual Sharpe ratios, as far as they are known. */
  readonly sharpes: readonly number[];
}

export interface LedgerDeflation {
  /** Distinct strategies tried on the dataset, those of this run included. */
  readonly trials: number;
  /** Probability that the primary strategy's true Sharpe ratio is above the largest that luck alone would show among the trials. */
  readonly deflatedSharpe: Measured;
}

/** `hash` is that of the ledger, over the key of a trial. A rerun counts nothing twice: equal strategies have equal hashes and ratios. */
export function deflateByLedger(
  result: Pick<ResearchResult, 'trials' | 'strategies'>,
  prior: PriorTrials,
  hash: (key: string) => string,
): LedgerDeflation {
  const trials = new Set([...prior.strategies, ...result.trials.map(({ key }) => hash(key))]).size;
  const known = new Set(prior.sharpes);
  for (const { role, metrics } of result.strategies) {
    const sharpe = metrics['sharpe'].value;
    if ((role === 'primary' || role === 'compare') && sharpe !== null) known.add(sharpe);
  }
  const primary = result.strategies.find(({ role }) => role === 'primary');
  const sample = primary ? sharpeOrNull(equityReturns(primary.equity)) : null;
  if (sample === null) return { trials, deflatedSharpe: unavailable('Not defined: the returns do not vary.') };
  if (trials < 2 || known.size < 2) {
    return {
      trials,
      deflatedSharpe: unavailable('Only one strategy was tried on this dataset: there is nothing to deflate.'),
    };
  }
  const spread = variance([...known].map((sharpe) => sharpe / Math.sqrt(PERIODS_PER_YEAR)));
  return { trials, deflatedSharpe: measured(deflatedSharpe(sample, spread, trials), 'Not defined for these moments.') };
}
