/** The form in which every test answers: number, p-value, what was assumed and whether it holds, sample size, and a plain sentence. */
import { AppError } from '#base/errors';
import { chiSquareTail } from '../array/distributions';
import { kurtosis, skewness } from '../array/stats';
import { archTest, ljungBox } from '../timeseries/autocorrelation';
import { inferenceSpecs } from './registry';

export interface Assumption {
  readonly name: string;
  /** Null where it could not be checked on this sample. */
  readonly holds: boolean | null;
  /** What was looked at, with its number. */
  readonly detail: string;
}

export interface TestReport {
  readonly id: string;
  readonly title: string;
  readonly statistic: number;
  /** Null where the test has none. */
  readonly pValue: number | null;
  readonly sampleSize: number;
  readonly assumptions: readonly Assumption[];
  /** One sentence for a person who has to decide. */
  readonly verdict: string;
  /** Further numbers by name. */
  readonly details: Readonly<Record<string, number>>;
}

/** Title and identifier come from the registry. Errors: INVALID_DATA where the statistic is not a number. */
export function testReport(
  id: string,
  report: Omit<TestReport, 'id' | 'title' | 'details'> & { readonly details?: Readonly<Record<string, number>> },
): TestReport {
  const spec = inferenceSpecs.find((entry) => entry.id === id);
  if (!spec) throw new AppError('INTERNAL', `Expected a registered test, found "${id}".`);
  if (Number.isNaN(report.statistic) || (report.pValue !== null && Number.isNaN(report.pValue))) {
    throw new AppError(
      'INVALID_DATA',
      `${spec.title}: expected data on which the statistic exists, found ${report.statistic} from ${report.sampleSize} observations. ` +
        'Check for constant or identical series.',
      { data: { test: id, observations: report.sampleSize } },
    );
  }
  return { id, title: spec.title, details: {}, ...report };
}

/** Errors: NOT_ENOUGH_DATA with the numbers; INVALID_DATA for values that are missing or never vary. */
export function requireVarying(name: string, x: Float64Array, least: number): void {
  if (x.length < least) {
    throw new AppError('NOT_ENOUGH_DATA', `Expected at least ${least} observations of ${name}, found ${x.length}.`, {
      data: { series: name, needed: least, found: x.length },
    });
  }
  const missing = x.findIndex((value) => !Number.isFinite(value));
  if (missing >= 0) {
    throw new AppError(
      'INVALID_DATA',
      `Expected a number for every date of ${name}, found ${x[missing]} in row ${missing + 1}.`,
      {
        data: { series: name, row: missing + 1 },
      },
    );
  }
  let low = x[0];
  let high = x[0];
  for (const value of x) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(high - low > Math.max(Math.abs(low), Math.abs(high)) * 1e-13)) {
    throw new AppError(
      'INVALID_DATA',
      `Expected ${name} to vary, found ${x.length} observations that are all ${low}.`,
      {
        data: { series: name, observations: x.length, value: low },
      },
    );
  }
}

export function percentText(level: number): string {
  return `${Number((level * 100).toPrecision(3))} %`;
}

const CHECK_LEVEL = 0.05;

/** Ljung-Box with up to 10 lags. */
export function independenceCheck(x: Float64Array): Assumption {
  const lags = Math.min(10, Math.floor(x.length / 5));
  if (lags < 1)
    return { name: 'independent over time', holds: null, detail: `${x.length} observations are too few to check` };
  const { p } = ljungBox(x, lags);
  return {
    name: 'independent over time',
    holds: p > CHECK_LEVEL,
    detail: `Ljung-Box with ${lags} lags, p = ${p.toFixed(3)}`,
  };
}

/** Jarque and Bera (1980). */
export function normalityCheck(x: Float64Array): Assumption {
  const statistic = (x.length / 6) * (skewness(x) ** 2 + (kurtosis(x) - 3) ** 2 / 4);
  const p = chiSquareTail(statistic, 2);
  return { name: 'normal returns', holds: p > CHECK_LEVEL, detail: `Jarque-Bera, p = ${p.toFixed(3)}` };
}

/** ARCH-LM with 5 lags. */
export function constantVarianceCheck(x: Float64Array): Assumption {
  if (x.length < 30)
    return { name: 'constant variance', holds: null, detail: `${x.length} observations are too few to check` };
  const { p } = archTest(x, 5);
  return { name: 'constant variance', holds: p > CHECK_LEVEL, detail: `ARCH-LM with 5 lags, p = ${p.toFixed(3)}` };
}

export function sampleCheck(n: number, least: number): Assumption {
  return {
    name: 'sample large enough for the approximation',
    holds: n >= least,
    detail: `${n} observations, ${least} wanted`,
  };
}
