/** What the measures on screen mean: title, sentence, formula and source, shown on hover and focus. */

export interface Definition {
  readonly title: string;
  readonly text: string;
  readonly formula?: string;
  readonly source?: string;
}

const DEFINITIONS: Readonly<Record<string, Definition>> = {
  sharpe: {
    title: 'Sharpe ratio, annual, net of costs',
    text: 'Mean of daily returns over their standard deviation, times the square root of 252. The interval is a block bootstrap over the same days.',
    formula: 'SR = mean(r) / sd(r) · √252',
    source: 'Sharpe (1994); Politis and Romano (1994).',
  },
  sharpe_difference: {
    title: 'Sharpe difference',
    text: 'Sharpe ratio of this strategy minus that of the other on the same days and costs, tested with a method that allows for fat tails and serial dependence.',
    formula: 'Δ = SR₁ − SR₂',
    source: 'Ledoit and Wolf (2008).',
  },
  psr: {
    title: 'Probabilistic Sharpe ratio',
    text: 'Probability that the true Sharpe ratio is above zero, given the length, skewness and kurtosis of the sample.',
    source: 'Bailey and López de Prado (2012).',
  },
  max_drawdown: {
    title: 'Largest drawdown',
    text: 'The deepest fall of net asset value from a peak to the trough that followed, in fractions of the peak.',
    formula: 'min over t of V(t) / max(V(s ≤ t)) − 1',
  },
  turnover: {
    title: 'Turnover',
    text: 'One-way traded share of net asset value at each rebalance, averaged. Costs are charged on both sides of every trade.',
    formula: '½ Σ|Δw|',
  },
  cagr: {
    title: 'Compound annual growth',
    text: 'The constant yearly return that leads from the first to the last value.',
    formula: '(V_T / V_0)^(252 / T) − 1',
  },
  volatility: { title: 'Volatility', text: 'Standard deviation of daily returns, annual.', formula: 'sd(r) · √252' },
  sortino: {
    title: 'Sortino ratio',
    text: 'Mean return over downside deviation: only returns below the target count as risk.',
    source: 'Sortino and Price (1994).',
  },
  calmar: { title: 'Calmar ratio', text: 'Compound annual growth over the largest drawdown.' },
  cost: { title: 'Cost', text: 'Commissions and half spreads paid, as a share of net asset value per year.' },
  rank_ic: {
    title: 'Rank IC',
    text: 'Spearman correlation across assets between the forecast and the return that followed, averaged over the dates of the fold.',
  },
  trials: {
    title: 'Trials',
    text: 'Distinct strategies tried on this dataset so far. The more are tried, the higher the best one looks by luck alone.',
    source: 'Bailey and López de Prado (2014).',
  },
  purge: {
    title: 'Purge',
    text: 'Training rows whose label reaches into the test window are dropped, so that nothing of the test is known in training.',
    source: 'López de Prado (2018), ch. 7.',
  },
};

export function definitionOf(term: string): Definition | undefined {
  return DEFINITIONS[term];
}
