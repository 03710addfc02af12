/**
 * What a research run is asked to do, as a person writes it in YAML: the `model`, `backtest` and `experiment` sections.
 * (The `data` section names a dataset and belongs to the contract.) Every field has a default, a unit and a sentence of help.
 */
import { z } from 'zod';
import { constraintsSchema } from '../optimizers/constraints';

const choice = (what: string) =>
  z.strictObject({
    id: z.string().min(1).meta({ title: what }),
    params: z.record(z.string(), z.unknown()).default({}).meta({ title: 'Parameters' }),
  });

export const featureSetSchema = z
  .strictObject({
    set: z
      .union([z.literal('standard'), z.array(z.string().min(1)).min(1)])
      .default('standard')
      .meta({ title: 'Features', description: 'The named set, or a list of feature names.' }),
    transform: z
      .enum(['rank', 'zscore', 'none'])
      .default('rank')
      .meta({ title: 'Cross-section transform', description: 'Applied to every feature on each date.' }),
    winsorize: z.number().gte(0).lt(0.5).default(0.01).meta({
      title: 'Winsorize',
      unit: 'share per tail',
      description: 'Clips each cross-section before the transform.',
    }),
  })
  .meta({ title: 'Features' });

const tuningSchema = z
  .strictObject({
    grid: z.record(z.string().min(1), z.array(z.unknown()).min(1).max(100)).meta({
      title: 'Grid',
      description: 'Model parameter → values to try; all combinations are tried inside every training window.',
    }),
    folds: z.int().gte(2).lte(20).default(5).meta({ title: 'Folds', unit: 'purged blocks of the training window' }),
    metric: z.enum(['rank-ic', 'mse']).default('rank-ic').meta({ title: 'Chosen by' }),
  })
  .meta({
    title: 'Tuning',
    description: 'Chooses model parameters by purged cross-validation inside the training window only.',
  });

/** A grid belongs to the model that it is written for. */
const forecastChoice = choice('Forecast model').extend({ tune: tuningSchema.optional() });

export const strategySchema = z
  .strictObject({
    forecast: forecastChoice
      .nullable()
      .default({ id: 'ridge', params: {} })
      .meta({ title: 'Forecast', description: 'Null for optimizers that need no forecast.' }),
    horizon: z.int().gte(1).lte(252).default(21).meta({ title: 'Forecast horizon', unit: 'trading days' }),
    features: featureSetSchema.prefault({}),
    optimizer: choice('Optimizer').default({ id: 'mean-variance', params: {} }),
    constraints: constraintsSchema.prefault({}),
  })
  .meta({ id: 'Strategy', title: 'Model' });

const impactSchema = z
  .strictObject({
    coefficient: z.number().gte(0).lte(10).default(0).meta({
      title: 'Impact coefficient',
      description:
        'Impact = coefficient × daily volatility × (order ÷ average daily notional)^exponent; 0 = none, 1 is usual.',
    }),
    exponent: z.number().gt(0).lte(1).default(0.5).meta({
      title: 'Impact exponent',
      description: '0.5 is the square-root law; 0.6 with coefficient 0.142 is Almgren et al. (2005).',
    }),
    window: z.int().gte(5).lte(252).default(63).meta({ title: 'Volume look-back', unit: 'trading days' }),
  })
  .meta({ title: 'Market impact', description: 'Needs traded volume in the data.' });

const ratesSchema = z
  .strictObject({
    borrowBps: z.number().gte(0).lte(10_000).default(0).meta({ title: 'Borrow cost of shorts', unit: 'bps a year' }),
    cashRate: z.number().gte(-0.1).lte(1).default(0).meta({ title: 'Interest on cash', unit: 'fraction a year' }),
    financingSpread: z.number().gte(0).lte(1).default(0).meta({
      title: 'Financing spread',
      unit: 'fraction a year',
      description: 'Paid on negative cash on top of the interest rate.',
    }),
  })
  .meta({ title: 'Cash and financing' });

export const backtestSchema = z
  .strictObject({
    window: z
      .strictObject({
        mode: z.enum(['rolling', 'expanding']).default('rolling').meta({ title: 'Window' }),
        train: z.int().gte(20).default(504).meta({ title: 'Training length', unit: 'trading days' }),
        refit: z.enum(['month', 'quarter', 'year']).default('month').meta({ title: 'Refit every' }),
      })
      .prefault({})
      .meta({ title: 'Walk-forward window' }),
    purge: z.int().gte(0).optional().meta({
      title: 'Purge',
      unit: 'trading days',
      description:
        'Training rows whose label reaches this close to the test window are dropped; default: the horizon plus the lag.',
    }),
    embargo: z.int().gte(0).default(0).meta({ title: 'Embargo', unit: 'trading days' }),
    rebalance: z.enum(['week', 'month', 'quarter']).default('month').meta({ title: 'Rebalance every' }),
    lag: z.int().gte(1).lte(10).default(1).meta({
      title: 'Execution lag',
      unit: 'bars',
      description: 'A decision at the close of t is filled at the close of t + lag.',
    }),
    lookback: z.int().gte(20).default(252).meta({ title: 'Risk look-back', unit: 'trading days' }),
    costs: z
      .strictObject({
        bps: z.number().gte(0).lte(1000).default(10).meta({ title: 'Commission', unit: 'bps of traded notional' }),
        halfSpreadBps: z.number().gte(0).lte(1000).default(0).meta({ title: 'Half spread', unit: 'bps' }),
        minimum: z.number().gte(0).default(0).meta({ title: 'Minimum per order', unit: 'currency' }),
        impact: impactSchema.prefault({}),
      })
      .prefault({})
      .meta({ title: 'Costs' }),
    rates: ratesSchema.prefault({}),
    tranches: z.int().gte(1).lte(63).default(1).meta({
      title: 'Tranches',
      unit: 'sub-accounts',
      description: 'Rebalances equal parts of the account on different days, so that no single day decides the result.',
    }),
    initialCapital: z.number().gt(0).default(1_000_000).meta({ title: 'Initial capital', unit: 'currency' }),
    delistingReturn: z.number().gte(-1).lte(0).default(0).meta({
      title: 'Delisting return',
      unit: 'fraction',
      description: 'Return booked on a holding when its prices end; the rest becomes cash.',
    }),
    universe: z
      .enum(['point-in-time', 'all'])
      .default('point-in-time')
      .meta({ title: 'Universe', description: 'Members on the decision date, or every asset with enough history.' }),
  })
  .meta({ id: 'Backtest', title: 'Backtest' });

export const comparisonSchema = z.strictObject({
  name: z.string().min(1).max(60).meta({ title: 'Name' }),
  forecast: forecastChoice.nullable().optional(),
  optimizer: choice('Optimizer').optional(),
  constraints: constraintsSchema.optional(),
});

export const experimentSchema = z
  .strictObject({
    name: z.string().min(1).max(300).default('research').meta({ title: 'Experiment name' }),
    seed: z.int().gte(0).lte(0xffffffff).default(42).meta({ title: 'Seed' }),
    tags: z.record(z.string().min(1), z.string()).default({}).meta({ title: 'Tags' }),
    compare: z.array(comparisonSchema).max(50).default([]).meta({
      title: 'Also run',
      description: 'Further strategies on the same dates and costs; what is left out is taken from the model section.',
    }),
    baselines: z.boolean().default(true).meta({
      title: 'Baselines beside networks',
      description:
        'Also run ridge, gradient boosting and minimum variance on the same dates and costs when the forecast is a network.',
    }),
    bootstrap: z
      .strictObject({
        replications: z.int().gte(100).lte(20_000).default(2_000).meta({ title: 'Bootstrap replications' }),
        confidence: z.number().gt(0.5).lt(1).default(0.95).meta({ title: 'Confidence level' }),
      })
      .prefault({}),
  })
  .meta({ id: 'Experiment', title: 'Experiment' });

export const researchConfigSchema = z.strictObject({
  model: strategySchema.prefault({}),
  backtest: backtestSchema.prefault({}),
  experiment: experimentSchema.prefault({}),
});

export type ResearchConfig = z.infer<typeof researchConfigSchema>;
export type Strategy = z.infer<typeof strategySchema>;
export type BacktestConfig = z.infer<typeof backtestSchema>;
