/** How every figure of a report comes about: formula, source and convention by measure. Texts are translated where a report takes them in. */

interface DerivationSpec {
  readonly title: string;
  readonly formula: string;
  readonly source: string;
  readonly conventions: readonly string[];
}

const DAILY = 'Simple daily returns net of costs; r_t = V_t / V_{t−1} − 1.';
const ANNUAL = 'Annualized with 252 trading days a year; risk-free rate 0.';
const spec = (title: string, formula: string, source = '', ...conventions: string[]): DerivationSpec => ({
  title,
  formula,
  source,
  conventions,
});

export const DERIVATIONS = {
  total_return: spec('Total return', 'V_T / V_0 − 1', '', DAILY),
  cagr: spec('Return a year', '(V_T / V_0)^(252 / n) − 1', '', DAILY, ANNUAL),
  volatility: spec('Volatility', 's · √252, s² = Σ(r − mean)² / (n − 1)', '', DAILY, ANNUAL),
  sharpe: spec(
    'Sharpe ratio',
    'mean / s · √252',
    'Sharpe 1994; interval: Politis, Romano 1994, stationary bootstrap',
    DAILY,
    ANNUAL,
    'Interval at the confidence of the configuration.',
  ),
  psr: spec(
    'Probabilistic Sharpe ratio',
    'Φ( SR √(n − 1) / √(1 − S · SR + (K − 1)/4 · SR²) )',
    'Bailey, López de Prado 2012',
    'Probability that the true Sharpe ratio is above 0; SR per day, S skewness, K kurtosis, raw (normal = 3).',
  ),
  dsr: spec(
    'Deflated Sharpe ratio',
    'PSR against the Sharpe ratio that the best of N trials has by luck',
    'Bailey, López de Prado 2014',
    'N is every distinct strategy ever tried on this dataset, from the trial ledger.',
  ),
  max_drawdown: spec('Largest drawdown', 'min over t of V_t / max(V_0 … V_t) − 1', '', DAILY),
  drawdown: spec('Drawdown', 'V_t / max(V_0 … V_t) − 1', '', 'Days are trading days from peak to recovery.'),
  turnover: spec('Turnover', '½ Σ |Δw|, mean of the rebalances', '', 'One-way, against drifted weights.'),
  cost: spec(
    'Cost a year',
    'Costs paid / net asset value, a year',
    '',
    'Commission, half spread and impact on traded notional.',
  ),
  difference: spec(
    'Difference of Sharpe ratios',
    'SR(a) − SR(b), studentized circular block bootstrap',
    'Ledoit, Wolf 2008',
    DAILY,
    ANNUAL,
    'Two-sided p-value; the same days and costs on both sides.',
  ),
  pairwise: spec(
    'Pairwise significance',
    'z = (SR(a) − SR(b)) / standard error with a Parzen kernel and automatic bandwidth; p by Holm over all pairs',
    'Ledoit, Wolf 2008; Andrews 1991; Holm 1979',
    DAILY,
    ANNUAL,
  ),
  month: spec('Return of a period', 'Π (1 + r_t) − 1 over the days of the period', '', DAILY),
  measure: spec('Measure of the series', 'Definition of the measure on daily net returns', '', DAILY, ANNUAL),
  tail: spec(
    'Value at risk and expected shortfall',
    'Quantile of the losses at the level, and the mean of the losses beyond it',
    'Rockafellar, Uryasev 2000',
    'Per day, as fractions of net asset value.',
  ),
  contribution: spec(
    'Contribution to risk',
    'w_i ∂R/∂w_i; the parts add up to the total',
    'Euler; Tasche 1999',
    'On the days of the window, with the weights held on the last day.',
  ),
  stress: spec(
    'Stress window',
    'Σ w_i (P_i,end / P_i,start − 1)',
    '',
    'The present weights held through a past window.',
  ),
  weight: spec('Target weight', "The optimizer's decision on the last close", '', 'Fractions of net asset value.'),
  trade: spec(
    'Trade',
    'Target weight − current weight',
    '',
    'Current: target of the last rebalance of the backtest, not drifted.',
  ),
  check: spec('Constraint check', 'Value of the portfolio against the limit of the constraint', '', 'Tolerance 1e-9.'),
  fold: spec(
    'Fold',
    'Measures on the test window of one fit',
    '',
    'The primary strategy; training rows that reach the test window are purged.',
  ),
  rebalance: spec(
    'Rebalance',
    'Turnover ½ Σ |Δw|; cost as a fraction of net asset value',
    '',
    'Decided on a close, filled no earlier than the next bar.',
  ),
  score: spec(
    'Score of the decision rule',
    'Δ Sharpe against equal weight − penalty · complexity points',
    '',
    'Points: 0 for an optimizer without forecast, 1 for a linear model, 3 for any other, +1 for tuning.',
  ),
  count: spec('Count', 'Counted in the dataset', '', 'As the import recorded it.'),
  coverage: spec('Coverage', 'Rows present / (assets × trading days of the year)', '', 'As the import recorded it.'),
  cone: spec(
    'Expected cone',
    'exp( μ h ± z √h σ ), μ and σ of daily log returns of the backtest',
    '',
    'Independent returns are assumed; the cone is an aid, not a promise.',
  ),
  capacity: spec(
    'Capacity',
    'Net asset value at which market impact takes the whole excess return',
    'Almgren et al. 2005',
    'Of the primary strategy.',
  ),
  guard: spec(
    'Leakage guard',
    'A replay of the run against one kind of leak',
    'López de Prado 2018',
    'See the audit of the run.',
  ),
  recorded: spec('Recorded figure', 'As the workspace stored it', ''),
} as const satisfies Record<string, DerivationSpec>;

export type DerivationId = keyof typeof DERIVATIONS;
