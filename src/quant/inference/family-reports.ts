/** Reports about many strategies that were tried together: is the best one better, which are, and how much of it is selection? */
import { AppError } from '#base/errors';
import { politisWhiteBlockLength } from './bootstrap';
import { columnMeans, snoopingFromMeans, type SnoopingResult } from './data-snooping';
import { modelConfidenceSet, type SetStatistic } from './model-confidence-set';
import { benjaminiHochberg, hochberg, holm } from './multiple-testing';
import { overfittingProbability } from './overfitting';
import { percentText, requireVarying, sampleCheck, type TestReport, testReport } from './report';
import { type BlockScheme, resampledMeans } from './resampled-means';

export interface FamilyOptions {
  readonly names: readonly string[];
  readonly benchmark: string;
  readonly level: number;
  readonly replications: number;
  readonly seed: number;
  readonly scheme?: BlockScheme;
  /** Default: the longest automatic block length of the columns (Politis, White 2004). */
  readonly blockLength?: number;
}

export interface FamilyReports {
  readonly realityCheck: TestReport;
  readonly superiorPredictiveAbility: TestReport;
  readonly stepM: TestReport;
  readonly snooping: SnoopingResult;
  readonly blockLength: number;
}

/** `columns`: returns of every strategy minus the benchmark's, same dates. Errors: NOT_ENOUGH_DATA, INVALID_DATA. */
export function familyReports(columns: readonly Float64Array[], options: FamilyOptions): FamilyReports {
  const { names, benchmark, level } = options;
  const { values, n, blockLength } = stacked(columns, options);
  const means = columnMeans(values, columns.length);
  const boot = resampledMeans(values, columns.length, resampling(options, blockLength));
  const snooping = snoopingFromMeans({ n, means, boot, alpha: level });
  const best = names[means.indexOf(Math.max(...means))];
  const assumptions = [
    sampleCheck(n, 120),
    {
      name: 'stationary',
      holds: null,
      detail: `blocks of ${blockLength.toFixed(1)} rows keep the dependence over time`,
    },
    { name: 'every strategy tried is in the family', holds: null, detail: `${columns.length} strategies` },
  ];
  const verdict = (p: number) =>
    p < level
      ? `${best} beats ${benchmark} at ${percentText(level)} even though ${columns.length} strategies were tried.`
      : `The best of ${columns.length} strategies (${best}) is not distinguishable from ${benchmark} at ${percentText(level)}.`;
  const { realityCheck, superiorPredictiveAbility: spa, stepM } = snooping;
  const winners = stepM.rejected.map((k) => names[k]);
  return {
    realityCheck: testReport('reality-check', {
      statistic: realityCheck.statistic,
      pValue: realityCheck.p,
      sampleSize: n,
      assumptions,
      verdict: verdict(realityCheck.p),
    }),
    superiorPredictiveAbility: testReport('superior-predictive-ability', {
      statistic: spa.statistic,
      pValue: spa.pConsistent,
      sampleSize: n,
      assumptions,
      verdict: verdict(spa.pConsistent),
      details: { pLower: spa.pLower, pUpper: spa.pUpper },
    }),
    stepM: testReport('step-m', {
      statistic: winners.length,
      pValue: null,
      sampleSize: n,
      assumptions,
      verdict:
        winners.length > 0
          ? `${winners.join(', ')} beat${winners.length === 1 ? 's' : ''} ${benchmark} at a family-wise ${percentText(level)}.`
          : `No strategy beats ${benchmark} at a family-wise ${percentText(level)}.`,
      details: { firstCritical: stepM.firstCritical },
    }),
    snooping,
    blockLength,
  };
}

/** `columns`: losses per strategy (negative returns, squared errors), smaller is better. */
export function confidenceSetReport(
  columns: readonly Float64Array[],
  options: Omit<FamilyOptions, 'benchmark'> & { readonly statistic?: SetStatistic },
): TestReport & { readonly included: readonly string[]; readonly pValues: Float64Array } {
  const { names, level } = options;
  const { values, n, blockLength } = stacked(columns, options);
  const set = modelConfidenceSet(
    values,
    columns.length,
    level,
    options.statistic ?? 'max',
    resampling(options, blockLength),
  );
  const included = set.included.map((k) => names[k]);
  return {
    ...testReport('model-confidence-set', {
      statistic: set.statistic,
      pValue: set.pValues[set.eliminated[0]],
      sampleSize: n,
      assumptions: [
        sampleCheck(n, 120),
        { name: 'stationary', holds: null, detail: `blocks of ${blockLength.toFixed(1)} rows` },
      ],
      verdict:
        included.length === columns.length
          ? `None of the ${columns.length} strategies can be told from the best at ${percentText(level)}.`
          : `With ${percentText(1 - level)} confidence the best is among ${included.join(', ')}.`,
      details: { included: included.length, blockLength },
    }),
    included,
    pValues: set.pValues,
  };
}

/** `columns`: returns of everything tried. */
export function overfittingReport(
  columns: readonly Float64Array[],
  names: readonly string[],
  blocks: number,
): TestReport {
  const { values, n } = stacked(columns, { names });
  const result = overfittingProbability(values, columns.length, blocks);
  return testReport('backtest-overfitting', {
    statistic: result.pbo,
    pValue: null,
    sampleSize: n,
    assumptions: [
      { name: 'every strategy tried is included', holds: null, detail: `${columns.length} strategies` },
      sampleCheck(n, 10 * blocks),
    ],
    verdict:
      `In ${percentText(result.pbo)} of ${result.combinations} splits the best strategy in sample was in the lower half out of sample: ` +
      `${result.pbo < 0.1 ? 'little' : result.pbo < 0.5 ? 'some' : 'strong'} sign of overfitting.`,
    details: { lossProbability: result.lossProbability, slope: result.slope },
  });
}

const ADJUSTMENTS = { holm, hochberg, 'benjamini-hochberg': benjaminiHochberg } as const;

/** Adjusted p-values of a family, in the order given. Errors: INVALID_DATA for a p outside 0 … 1. */
export function adjustmentReport(
  method: keyof typeof ADJUSTMENTS,
  p: Float64Array,
  names: readonly string[],
  level: number,
): TestReport & { readonly adjusted: Float64Array } {
  const wrong = p.findIndex((value) => !(value >= 0 && value <= 1));
  if (p.length === 0 || wrong >= 0) {
    throw new AppError('INVALID_DATA', `Expected p-values from 0 to 1, found ${p.length === 0 ? 'none' : p[wrong]}.`);
  }
  const adjusted = ADJUSTMENTS[method](p);
  const standing = names.filter((_, i) => adjusted[i] <= level);
  return {
    ...testReport(method, {
      statistic: standing.length,
      pValue: Math.min(...adjusted),
      sampleSize: p.length,
      assumptions: [
        {
          name: method === 'holm' ? 'none on dependence' : 'tests independent or positively dependent',
          holds: method === 'holm' ? true : null,
          detail: `${p.length} tests`,
        },
      ],
      verdict:
        standing.length > 0
          ? `${standing.join(', ')} remain${standing.length === 1 ? 's' : ''} significant at ${percentText(level)} among ${p.length} tests.`
          : `None of ${p.length} tests remains significant at ${percentText(level)}.`,
    }),
    adjusted,
  };
}

function stacked(
  columns: readonly Float64Array[],
  { names, blockLength }: { readonly names: readonly string[]; readonly blockLength?: number },
): { values: Float64Array; n: number; blockLength: number } {
  const n = columns[0]?.length ?? 0;
  if (columns.length === 0 || columns.length !== names.length || columns.some((column) => column.length !== n)) {
    throw new AppError(
      'INVALID_DATA',
      `Expected ${names.length} named series of equal length, found ${columns.length}.`,
    );
  }
  for (const [k, column] of columns.entries()) requireVarying(names[k], column, 24);
  const values = new Float64Array(n * columns.length);
  columns.forEach((column, k) => {
    for (let t = 0; t < n; t++) values[t * columns.length + k] = column[t];
  });
  const automatic = () => columns.reduce((longest, column) => Math.max(longest, politisWhiteBlockLength(column)), 1);
  return { values, n, blockLength: blockLength ?? automatic() };
}

function resampling(
  { scheme, replications, seed }: Pick<FamilyOptions, 'scheme' | 'replications' | 'seed'>,
  blockLength: number,
) {
  return { scheme: scheme ?? 'stationary', blockLength, replications, seed } as const;
}
