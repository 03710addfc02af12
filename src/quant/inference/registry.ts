/** Every statistical test of the product, as data: what it asks, what it assumes to be refuted, and where it comes from. */

export type InferenceFamily = 'one strategy' | 'two strategies' | 'many strategies' | 'series' | 'signal';

export interface InferenceSpec {
  /** Stable kebab-case identifier; a report carries it. */
  readonly id: string;
  readonly title: string;
  readonly family: InferenceFamily;
  /** In the words of a person who has to decide. */
  readonly question: string;
  /** What a small p-value speaks against; empty where there is no p-value. */
  readonly nullHypothesis: string;
  readonly reference: string;
}

const spec = (
  id: string,
  title: string,
  family: InferenceFamily,
  question: string,
  nullHypothesis: string,
  reference: string,
): InferenceSpec => ({ id, title, family, question, nullHypothesis, reference });

const one = 'one strategy';
const two = 'two strategies';
const many = 'many strategies';
const series = 'series';

// prettier-ignore
export const inferenceSpecs: readonly InferenceSpec[] = [
  spec('probabilistic-sharpe', 'Probabilistic Sharpe ratio', one, 'Is the Sharpe ratio above a threshold, given skew and fat tails?', 'SR ≤ SR*', 'Bailey, López de Prado 2012, eq. 9'),
  spec('deflated-sharpe', 'Deflated Sharpe ratio', one, 'Is the best Sharpe ratio more than the luck of many trials?', 'SR ≤ expected maximum of the trials', 'Bailey, López de Prado 2014; N by clustering: López de Prado 2019'),
  spec('minimum-track-record', 'Minimum track record length', one, 'How long must this track record be to mean anything?', '', 'Bailey, López de Prado 2012, eq. 11'),
  spec('minimum-backtest-length', 'Minimum backtest length', one, 'Is the backtest long enough for the number of trials?', '', 'Bailey, Borwein, López de Prado, Zhu 2014, theorem 1'),
  spec('jobson-korkie-memmel', 'Jobson-Korkie-Memmel test', two, 'Do two Sharpe ratios differ (independent normal returns)?', 'equal Sharpe ratios', 'Jobson, Korkie 1981; Memmel 2003'),
  spec('ledoit-wolf-sharpe', 'Ledoit-Wolf Sharpe test', two, 'Do two Sharpe ratios differ (fat tails, time dependence)?', 'equal Sharpe ratios', 'Ledoit, Wolf 2008, section 3.2'),
  spec('newey-west-mean', 'Newey-West mean difference', two, 'Do two mean returns differ?', 'equal means', 'Newey, West 1987'),
  spec('diebold-mariano', 'Diebold-Mariano test', two, 'Is one forecast more accurate than another?', 'equal expected loss', 'Diebold, Mariano 1995; Harvey, Leybourne, Newbold 1997'),
  spec('reality-check', 'Reality check', many, 'Is the best strategy better than the benchmark once all were tried?', 'no strategy beats the benchmark', 'White 2000'),
  spec('superior-predictive-ability', 'Superior predictive ability, studentized', many, 'The same, not diluted by poor strategies?', 'no strategy beats the benchmark', 'Hansen 2005'),
  spec('step-m', 'StepM', many, 'Which strategies beat the benchmark?', 'strategy k does not beat the benchmark', 'Romano, Wolf 2005, algorithm 4.1'),
  spec('model-confidence-set', 'Model confidence set', many, 'Which strategies cannot be told from the best one?', 'equal losses in the set', 'Hansen, Lunde, Nason 2011'),
  spec('backtest-overfitting', 'Probability of backtest overfitting', many, 'Does the best in sample stay good out of sample?', '', 'Bailey, Borwein, López de Prado, Zhu 2017'),
  spec('holm', 'Holm adjustment', many, 'Which of several tests survive (any dependence)?', 'the family', 'Holm 1979'),
  spec('hochberg', 'Hochberg adjustment', many, 'Which of several tests survive (positive dependence)?', 'the family', 'Hochberg 1988'),
  spec('benjamini-hochberg', 'Benjamini-Hochberg adjustment', many, 'Which findings, if some may be false?', 'the family', 'Benjamini, Hochberg 1995'),
  spec('kupiec', 'Kupiec coverage test', series, 'Is the value at risk exceeded as often as promised?', 'correct exception rate', 'Kupiec 1995'),
  spec('christoffersen', 'Christoffersen conditional coverage', series, 'Are the exceptions right in number and independent?', 'correct rate, independent exceptions', 'Christoffersen 1998'),
  spec('augmented-dickey-fuller', 'Augmented Dickey-Fuller test', series, 'Does the series have a unit root?', 'unit root', 'Said, Dickey 1984; MacKinnon 1994'),
  spec('kpss', 'KPSS test', series, 'Is the series stationary?', 'stationary', 'Kwiatkowski, Phillips, Schmidt, Shin 1992'),
  spec('ljung-box', 'Ljung-Box test', series, 'Is there autocorrelation?', 'no autocorrelation', 'Ljung, Box 1978'),
  spec('arch-lm', 'ARCH-LM test', series, 'Does volatility cluster?', 'constant conditional variance', 'Engle 1982'),
  spec('garch', 'GARCH(1,1)', series, 'How persistent is volatility?', 'constant variance', 'Bollerslev 1986'),
  spec('rank-ic', 'Rank information coefficient', 'signal', 'Does the signal order future returns?', 'zero mean rank IC', 'Grinold, Kahn 2000, ch. 6; Newey, West 1987'),
  spec('quantile-spread', 'Quantile spread', 'signal', 'Does the top bucket beat the bottom bucket?', 'zero mean spread', 'Newey, West 1987'),
];
