/**
 * Is the difference of two Sharpe ratios more than noise? Two analytic tests and a bootstrap test on paired returns:
 * Jobson-Korkie (1981) as corrected by Memmel (2003), and Ledoit-Wolf (2008), which allows fat tails and time dependence.
 */
import { AppError } from '#base/errors';
import { normalCdf } from '../array/distributions';
import { createRandom } from '../array/random';
import { correlation, mean, standardDeviation } from '../array/stats';
import { andrewsParzenBandwidth, bartlettVariance, parzenVariance } from './hac';

export interface DifferenceTest {
  /** SR(a) − SR(b), per period. */
  readonly difference: number;
  readonly standardError: number;
  readonly z: number;
  /** Two-sided. */
  readonly p: number;
}

export interface JobsonKorkie extends DifferenceTest {
  readonly sharpeA: number;
  readonly sharpeB: number;
  readonly correlation: number;
}

function twoSided(z: number): number {
  return 2 * normalCdf(-Math.abs(z));
}

function requirePair(a: Float64Array, b: Float64Array, least: number): void {
  if (a.length !== b.length) {
    throw new AppError(
      'INVALID_DATA',
      `Expected two series on the same dates, found ${a.length} and ${b.length} returns. Align them first.`,
    );
  }
  if (a.length < least) {
    throw new AppError('NOT_ENOUGH_DATA', `Expected at least ${least} common dates, found ${a.length}.`, {
      data: { needed: least, found: a.length },
    });
  }
  if (!(standardDeviation(a) > 0) || !(standardDeviation(b) > 0)) {
    throw new AppError('INVALID_DATA', 'Expected two series that vary, found a constant or missing one.');
  }
}

/** V = [2 − 2ρ + ½(SR_a² + SR_b² − 2 SR_a SR_b ρ²)]/T (Memmel 2003, eq. 4), divisor T − 1 in the moments. */
export function jobsonKorkieMemmel(a: Float64Array, b: Float64Array): JobsonKorkie {
  requirePair(a, b, 3);
  const sharpeA = mean(a) / standardDeviation(a);
  const sharpeB = mean(b) / standardDeviation(b);
  const rho = correlation(a, b);
  const difference = sharpeA - sharpeB;
  const variance = (2 - 2 * rho + 0.5 * (sharpeA ** 2 + sharpeB ** 2 - 2 * sharpeA * sharpeB * rho ** 2)) / a.length;
  const standardError = Math.sqrt(variance);
  const z = difference / standardError;
  return { difference, standardError, z, p: twoSided(z), sharpeA, sharpeB, correlation: rho };
}

/** Smooth function of (μ_a, μ_b, E a², E b²) and its gradient (Ledoit, Wolf 2008, eqs. 3-4). */
function deltaMethod(a: Float64Array, b: Float64Array): { difference: number; gradient: Float64Array } {
  const T = a.length;
  let muA = 0;
  let muB = 0;
  let gammaA = 0;
  let gammaB = 0;
  for (let t = 0; t < T; t++) {
    muA += a[t];
    muB += b[t];
    gammaA += a[t] * a[t];
    gammaB += b[t] * b[t];
  }
  muA /= T;
  muB /= T;
  gammaA /= T;
  gammaB /= T;
  const varianceA = gammaA - muA ** 2;
  const varianceB = gammaB - muB ** 2;
  return {
    difference: muA / Math.sqrt(varianceA) - muB / Math.sqrt(varianceB),
    gradient: Float64Array.of(
      gammaA / varianceA ** 1.5,
      -gammaB / varianceB ** 1.5,
      -muA / (2 * varianceA ** 1.5),
      muB / (2 * varianceB ** 1.5),
    ),
  };
}

/** ∇'y_t: the delta method turns four moment conditions into one series, whose long-run variance is ∇'Ψ∇. */
function influence(a: Float64Array, b: Float64Array, gradient: Float64Array): Float64Array {
  const [da, db, dga, dgb] = gradient;
  const series = new Float64Array(a.length);
  for (let t = 0; t < a.length; t++) series[t] = (da + dga * a[t]) * a[t] + (db + dgb * b[t]) * b[t];
  return series;
}

/** HAC test with a Bartlett kernel of `lags` lags: no prewhitening, no small-sample factor. */
export function ledoitWolfBartlett(a: Float64Array, b: Float64Array, lags: number): DifferenceTest {
  requirePair(a, b, 5);
  const { difference, gradient } = deltaMethod(a, b);
  const standardError = Math.sqrt(bartlettVariance(influence(a, b, gradient), lags) / a.length);
  const z = difference / standardError;
  return { difference, standardError, z, p: twoSided(z) };
}

/** Turns a difference in population standard deviations into one in sample standard deviations (divisor T − 1). */
function sampleScale(T: number): number {
  return Math.sqrt((T - 1) / T);
}

/** HAC test as in the paper's programs: Parzen kernel, Andrews bandwidth, factor T/(T − 4), SR with divisor T − 1. */
export function ledoitWolf(a: Float64Array, b: Float64Array): DifferenceTest {
  requirePair(a, b, 10);
  const { difference: population, gradient } = deltaMethod(a, b);
  const difference = population * sampleScale(a.length);
  const squares = [a, b, a.map((x) => x * x), b.map((x) => x * x)];
  const T = a.length;
  const longRun = parzenVariance(influence(a, b, gradient), andrewsParzenBandwidth(squares)) * (T / (T - 4));
  const standardError = Math.sqrt(longRun / T);
  const z = difference / standardError;
  return { difference, standardError, z, p: twoSided(z) };
}

/**
 * Studentized circular block bootstrap of Ledoit and Wolf (2008, section 3.2): the p-value of a zero difference.
 * Work is O(replications × T). Draws come from `seed` only.
 */
export function ledoitWolfBootstrap(
  a: Float64Array,
  b: Float64Array,
  options: { readonly blockLength: number; readonly replications: number; readonly seed: number },
): number {
  const { difference, standardError } = ledoitWolf(a, b);
  const observed = Math.abs(difference) / standardError;
  const T = a.length;
  const block = Math.max(1, Math.min(options.blockLength, T));
  const blocks = Math.floor(T / block);
  const length = blocks * block;
  const random = createRandom(options.seed);
  const drawnA = new Float64Array(length);
  const drawnB = new Float64Array(length);
  let exceed = 0;
  for (let replication = 0; replication < options.replications; replication++) {
    for (let j = 0; j < blocks; j++) {
      const start = random.integer(T);
      for (let i = 0; i < block; i++) {
        const t = (start + i) % T;
        drawnA[j * block + i] = a[t];
        drawnB[j * block + i] = b[t];
      }
    }
    const star = deltaMethod(drawnA, drawnB);
    const error = Math.sqrt(blockVariance(influence(drawnA, drawnB, star.gradient), block) / length);
    if (Math.abs(star.difference * sampleScale(length) - difference) / error >= observed) exceed += 1;
  }
  return (exceed + 1) / (options.replications + 1);
}

/** (1/l) Σ_j ζ_j² with ζ_j the block sums of the centered series over √b (Ledoit, Wolf 2008, eq. 8). */
function blockVariance(x: Float64Array, block: number): number {
  let total = 0;
  for (let t = 0; t < x.length; t++) total += x[t];
  const center = total / x.length;
  const blocks = x.length / block;
  let variance = 0;
  for (let j = 0; j < blocks; j++) {
    let sum = 0;
    for (let i = j * block; i < (j + 1) * block; i++) sum += x[i] - center;
    variance += (sum * sum) / block;
  }
  return variance / blocks;
}
