/** `cv.*`: index sets of purged k-fold, walk-forward and combinatorial purged cross-validation. */
import { z } from 'zod';
import { combinatorialSplits, purgedKFold, walkForwardSplits } from '#quant/validation/splits';
import { calcKind } from '../kind';

const samples = z.int().gte(1).meta({ title: 'Samples' });

const purged = calcKind({
  id: 'cv.purged_kfold',
  summary: 'Purged k-fold with embargo.',
  recipe:
    'Samples 0..n-1; the label of sample i uses information i..i+h. Folds = numpy.array_split (first n mod K folds get one extra). Test ' +
    'fold [a,b]. Train keeps i<a with i+h<a, and i>b+h+e, where e=ceil(n*embargo). Ranges inclusive.',
  inputs: {},
  params: z.strictObject({
    n_samples: samples,
    n_splits: z.int().gte(2).meta({ title: 'Folds' }),
    label_horizon: z.int().gte(0).default(0).meta({ title: 'Label horizon', unit: 'samples' }),
    embargo_fraction: z.number().gte(0).lt(1).default(0).meta({ title: 'Embargo', unit: 'fraction of the samples' }),
  }),
  run: (_, params) => {
    const embargo = Math.ceil(params.n_samples * params.embargo_fraction);
    const folds = purgedKFold(params.n_samples, params.n_splits, params.label_horizon, embargo);
    return {
      folds: folds.map(({ test, train, trainSize }) => ({ test, train, n_train: trainSize })),
      embargo,
    };
  },
});

const walkForward = calcKind({
  id: 'cv.walk_forward',
  summary: 'Rolling or expanding walk-forward windows.',
  recipe:
    'Split k: train ends at train_size+k*test_size-1 (starts at k*test_size if rolling, 0 if expanding), test starts `gap` rows after ' +
    'train end +1 and has test_size rows; only complete test windows.',
  inputs: {},
  params: z.strictObject({
    n_samples: samples,
    train_size: z.int().gte(1).meta({ title: 'Training length', unit: 'samples' }),
    test_size: z.int().gte(1).meta({ title: 'Test length', unit: 'samples' }),
    gap: z.int().gte(0).default(0).meta({ title: 'Gap', unit: 'samples' }),
    mode: z.enum(['rolling', 'expanding']).default('rolling').meta({ title: 'Window' }),
  }),
  run: (_, params) => {
    const splits = walkForwardSplits({
      samples: params.n_samples,
      trainSize: params.train_size,
      testSize: params.test_size,
      gap: params.gap,
      mode: params.mode,
    });
    return { splits, n_splits: splits.length };
  },
});

const combinatorial = calcKind({
  id: 'cv.cpcv',
  summary: 'Combinatorial purged cross-validation: splits and backtest paths.',
  recipe:
    'Combinatorial CV: all k-subsets of groups in lexicographic order; number of backtest paths = k*C(N,k)/N; the j-th time (0-based) a ' +
    'group is tested it belongs to path j.',
  inputs: {},
  params: z.strictObject({
    groups: z.int().gte(2).lte(24).meta({ title: 'Groups' }),
    test_groups: z.int().gte(1).meta({ title: 'Test groups' }),
  }),
  run: (_, params) => {
    const { splits, paths, pathOfGroup } = combinatorialSplits(params.groups, params.test_groups);
    return {
      n_splits: splits.length,
      n_paths: paths,
      splits,
      path_of_group: pathOfGroup.map((map) => Object.fromEntries(map)),
    };
  },
});

export const kinds = [purged, walkForward, combinatorial];
