/** The run that a first visit offers; the same as configs/experiments/demo.yaml, which a test keeps equal. */

export const SAMPLE_DATASET = 'sample';

export const SAMPLE_CONFIG = {
  data: { dataset: SAMPLE_DATASET },
  model: {
    forecast: { id: 'ridge' },
    horizon: 21,
    features: { set: 'standard', transform: 'rank', winsorize: 0.01 },
    optimizer: { id: 'mean-variance' },
    constraints: { maxWeight: 0.1, sectorCap: 0.4, turnoverLimit: 0.3 },
  },
  backtest: {
    window: { mode: 'rolling', train: 504, refit: 'month' },
    embargo: 0,
    rebalance: 'month',
    lag: 1,
    lookback: 252,
    costs: { bps: 10, halfSpreadBps: 2 },
  },
  experiment: {
    name: 'demo',
    seed: 42,
    tags: { phase: 'demo' },
    compare: [
      { name: 'ridge-top-n', optimizer: { id: 'top-n' }, constraints: { maxWeight: 0.1 } },
      { name: 'lasso', forecast: { id: 'lasso' } },
      { name: 'elastic-net', forecast: { id: 'elastic-net' } },
      { name: 'hrp', forecast: null, optimizer: { id: 'hrp' } },
      { name: 'min-variance', forecast: null, optimizer: { id: 'min-variance' } },
      { name: 'inverse-volatility', forecast: null, optimizer: { id: 'inverse-volatility' } },
    ],
  },
} as const;
