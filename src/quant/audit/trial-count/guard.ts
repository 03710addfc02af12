/** G7: the trial ledger of the workspace, and the Sharpe ratio deflated by it (Bailey, López de Prado 2014). */
import { mean, variance } from '#quant/array/stats';
import { deflatedSharpe, probabilisticSharpe } from '#quant/inference/sharpe';
import { sharpeOrNull, PERIODS_PER_YEAR } from '#quant/research/statistics';
import { type Finding, figure, notRun } from '../guard';

/** What the ledger knows at the time of the audit. */
export interface TrialLedger {
  /** Distinct strategies ever tried on the dataset. */
  readonly trials: number;
  /** Strategies of this run, and how many of them the ledger has. */
  readonly inRun: number;
  readonly inLedger: number;
  /** Annual Sharpe ratios of strategies tried on the dataset, as far as they are known. */
  readonly sharpes: readonly number[];
}

/** Probability that skill is behind the Sharpe ratio above which it is called significant. */
const SIGNIFICANT = 0.95;

export function checkTrialCount(net: Float64Array, ledger: TrialLedger | null): Finding {
  if (ledger === null) return notRun('No trial ledger was given: outside a workspace nobody knows what was tried.');
  const sample = sharpeOrNull(net);
  if (sample === null) return notRun('The returns do not vary, so that there is no Sharpe ratio to deflate.');
  const { trials, inRun, inLedger, sharpes } = ledger;
  const perPeriod = sharpes.map((sharpe) => sharpe / Math.sqrt(PERIODS_PER_YEAR));
  const isSingle = trials < 2 || perPeriod.length < 2;
  const dsr = isSingle ? probabilisticSharpe(sample, 0) : deflatedSharpe(sample, variance(perPeriod), trials);
  const complete = inLedger >= inRun && trials >= inRun;
  const significance = dsr >= SIGNIFICANT ? 'significant at 5 %' : 'not distinguishable from luck at 5 %';
  return {
    status: complete ? 'passed' : 'failed',
    summary: complete
      ? `${trials} ${trials === 1 ? 'strategy was' : 'strategies were'} tried on this dataset; ` +
        `${isSingle ? 'probabilistic' : 'deflated'} Sharpe ratio ${dsr.toFixed(3)}: ${significance}.`
      : `The ledger has ${inLedger} of the ${inRun} strategies of this run: trials were left out.`,
    figures: [
      figure('strategies tried on the dataset', trials),
      figure('strategies in this run', inRun),
      figure('of them in the ledger', inLedger),
      figure('known Sharpe ratios', sharpes.length),
      figure('mean of known Sharpe ratios', sharpes.length > 0 ? mean(sharpes) : NaN, 'per year'),
      figure(isSingle ? 'probabilistic Sharpe ratio' : 'deflated Sharpe ratio', dsr),
      figure('p', 1 - dsr),
    ],
    table: null,
    notes: isSingle
      ? ['A single trial is not deflated: its probabilistic Sharpe ratio is stated.']
      : [
          'Trials are counted as if they were independent, which deflates correlated ones too much rather than too little.',
        ],
  };
}
