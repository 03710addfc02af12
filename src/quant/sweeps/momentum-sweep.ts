/**
 * Momentum portfolios for every look-back and size at once. Assets are ranked once per look-back and rebalance, and the daily values
 * of all sizes come from one running sum over the ranks. The numbers are those of `recipeBacktest` with `momentum`, to rounding.
 */
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import { type Frequency, periodEndRows } from '../calendar/rebalance-dates';
import type { Frame } from '../panel';

/** Rows that momentum leaves out before the decision, as in the reference recipe. */
const SKIP = 21;
const PERIODS_PER_YEAR = 252;

export interface MomentumSweepOptions {
  /** Rows, each above 21. */
  readonly lookbacks: readonly number[];
  /** Assets held, each from 1 to N; larger ones are refused. */
  readonly sizes: readonly number[];
  readonly frequency: Frequency;
  /** Fraction of traded notional, two-way. */
  readonly costRate: number;
  /** Rows from decision to fill, ≥ 0; 0 is the reference recipe's same-close fill. */
  readonly lag: number;
  /** Keep the daily returns of every configuration. */
  readonly keepReturns?: boolean;
}

export interface SweepTrial {
  /** Content key: what a trial ledger counts. */
  readonly key: string;
  readonly lookback: number;
  readonly size: number;
  /** Annual; NaN where the returns do not vary. */
  readonly sharpe: number;
  /** Final value of 1 invested. */
  readonly growth: number;
  /** Daily returns where kept. */
  readonly returns: Float64Array | undefined;
}

export interface MomentumSweep {
  readonly trials: readonly SweepTrial[];
  /** Position of the largest Sharpe ratio; the first of equals. */
  readonly best: number;
  /** Row of the first fill. */
  readonly firstRow: number;
}

/** All configurations start at the first period end after the longest look-back. Errors: INVALID_DATA, INVALID_CONFIG, NOT_ENOUGH_DATA. */
export function momentumSweep(prices: Frame, options: MomentumSweepOptions): MomentumSweep {
  const { decisions, sizes } = checked(prices, options);
  const { lookbacks, lag } = options;
  const T = prices.dates.length;
  const firstRow = decisions[0] + lag;
  const equity = new Float64Array(sizes.length * (T - firstRow));
  const scratch = new Float64Array(T - firstRow - 1);
  const trials: SweepTrial[] = [];
  const sorter = new DescendingOrder(prices.assets.length);
  for (const lookback of lookbacks) {
    simulateSizes(prices, decisions, lookback, sizes, options, sorter, equity);
    for (const size of options.sizes) {
      const at = sizes.indexOf(size);
      const curve = equity.subarray(at * (T - firstRow), (at + 1) * (T - firstRow));
      trials.push({
        key: trialKey(lookback, size, options),
        lookback,
        size,
        ...curveNumbers(curve, options.keepReturns === true, scratch),
      });
    }
  }
  let best = 0;
  for (let i = 1; i < trials.length; i++) {
    if (trials[i].sharpe > trials[best].sharpe || Number.isNaN(trials[best].sharpe)) best = i;
  }
  return { trials, best, firstRow };
}

function trialKey(lookback: number, size: number, { frequency, costRate, lag }: MomentumSweepOptions): string {
  return canonicalJson({ strategy: 'momentum', lookback, skip: SKIP, size, frequency, costRate, lag });
}

function checked(prices: Frame, options: MomentumSweepOptions): { decisions: number[]; sizes: number[] } {
  const { lookbacks, sizes, lag, frequency } = options;
  const n = prices.assets.length;
  if (!prices.values.every((price) => price > 0)) {
    throw new AppError(
      'INVALID_DATA',
      'Expected a positive price on every date, found a gap. Remove incomplete tickers.',
    );
  }
  const wrong =
    lookbacks.find((rows) => !Number.isInteger(rows) || rows <= SKIP) ??
    sizes.find((size) => !Number.isInteger(size) || size < 1 || size > n);
  if (wrong !== undefined || lookbacks.length === 0 || sizes.length === 0 || !(lag >= 0)) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected look-backs above ${SKIP} rows, sizes from 1 to ${n} and a lag of at least 0, found ${wrong ?? 'an empty list or lag'}.`,
      { data: { found: wrong, assets: n } },
    );
  }
  const longest = Math.max(...lookbacks);
  const decisions = periodEndRows(prices.dates, frequency).filter(
    (row) => row >= longest && row + lag < prices.dates.length,
  );
  if (decisions.length === 0 || prices.dates.length - decisions[0] - lag < 3) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected a period end after ${longest} rows of history and 3 days behind it, found ${prices.dates.length} rows. Use shorter look-backs.`,
      { data: { needed: longest + 4, found: prices.dates.length } },
    );
  }
  return { decisions, sizes: [...new Set(sizes)].sort((a, b) => a - b) };
}

/** Fills `equity` ([sizes, days] row-major) with the curves of one look-back. `sizes` ascend. */
function simulateSizes(
  prices: Frame,
  decisions: readonly number[],
  lookback: number,
  sizes: readonly number[],
  { costRate, lag }: MomentumSweepOptions,
  sorter: DescendingOrder,
  equity: Float64Array,
): void {
  const P = prices.values;
  const n = prices.assets.length;
  const T = prices.dates.length;
  const S = sizes.length;
  const most = sizes[S - 1];
  const first = decisions[0] + lag;
  const days = T - first;
  const value = new Float64Array(S).fill(1);
  const perAsset = new Float64Array(S);
  const inverse = new Float64Array(most);
  const drift = new Float64Array(n);
  const rankBefore = new Int32Array(n).fill(n);
  const rankNow = new Int32Array(n);
  const before = new Uint16Array(n);
  const scores = new Float64Array(n);
  const ranked = new RankedDrift(most);
  for (let r = 0; r < decisions.length; r++) {
    const decision = decisions[r];
    const fill = decision + lag;
    const recent = (decision - SKIP) * n;
    const past = (decision - lookback) * n;
    for (let i = 0; i < n; i++) scores[i] = P[recent + i] / P[past + i];
    const order = sorter.sort(scores);
    for (let q = 0; q < n; q++) rankNow[order[q]] = q;
    if (r > 0) ranked.load(order, before, rankBefore, rankNow, drift);
    for (let s = 0; s < S; s++) {
      const K = sizes[s];
      const turnover = r === 0 ? 1 : ranked.turnover(K, perAsset[s] / value[s]);
      value[s] -= costRate * turnover * value[s];
      perAsset[s] = value[s] / K;
      equity[s * days + fill - first] = value[s];
    }
    before.set(order);
    rankBefore.set(rankNow);
    const base = fill * n;
    for (let q = 0; q < most; q++) inverse[q] = 1 / P[base + order[q]];
    const end = r + 1 < decisions.length ? decisions[r + 1] + lag : T - 1;
    for (let t = fill + 1; t <= end; t++) {
      const row = t * n;
      let sum = 0;
      let q = 0;
      for (let s = 0; s < S; s++) {
        for (const K = sizes[s]; q < K; q++) sum += P[row + order[q]] * inverse[q];
        value[s] = perAsset[s] * sum;
        equity[s * days + t - first] = value[s];
      }
    }
    for (let i = 0; i < n; i++) drift[i] = P[end * n + i] / P[base + i];
  }
}

/** What turnover needs of the new and the old ranking, laid out by rank so that every size reads it in one pass. */
class RankedDrift {
  readonly #newDrift: Float64Array;
  readonly #newBefore: Int32Array;
  readonly #oldDrift: Float64Array;
  readonly #oldNow: Int32Array;

  constructor(most: number) {
    this.#newDrift = new Float64Array(most);
    this.#newBefore = new Int32Array(most);
    this.#oldDrift = new Float64Array(most);
    this.#oldNow = new Int32Array(most);
  }

  load(order: Uint16Array, before: Uint16Array, rankBefore: Int32Array, rankNow: Int32Array, drift: Float64Array) {
    for (let q = 0; q < this.#newDrift.length; q++) {
      this.#newDrift[q] = drift[order[q]];
      this.#newBefore[q] = rankBefore[order[q]];
      this.#oldDrift[q] = drift[before[q]];
      this.#oldNow[q] = rankNow[before[q]];
    }
  }

  /** Two-way turnover of size K; `scale` is the value per asset after the last fill over the value now. */
  turnover(K: number, scale: number): number {
    const [newDrift, newBefore, oldDrift, oldNow] = [this.#newDrift, this.#newBefore, this.#oldDrift, this.#oldNow];
    const target = 1 / K;
    let moved = 0;
    for (let q = 0; q < K; q++) {
      if (newBefore[q] < K) moved += Math.abs(target - newDrift[q] * scale);
      else moved += target;
      if (oldNow[q] >= K) moved += oldDrift[q] * scale;
    }
    return moved;
  }
}

function curveNumbers(
  equity: Float64Array,
  keep: boolean,
  scratch: Float64Array,
): Pick<SweepTrial, 'sharpe' | 'growth' | 'returns'> {
  const n = equity.length - 1;
  const returns = keep || scratch.length !== n ? new Float64Array(n) : scratch;
  let sum = 0;
  for (let t = 0; t < n; t++) {
    const r = equity[t + 1] / equity[t] - 1;
    returns[t] = r;
    sum += r;
  }
  const average = sum / n;
  let squares = 0;
  for (let t = 0; t < n; t++) squares += (returns[t] - average) ** 2;
  const deviation = Math.sqrt(squares / (n - 1));
  const sharpe = deviation > 0 ? (average / deviation) * Math.sqrt(PERIODS_PER_YEAR) : NaN;
  return { sharpe, growth: equity[n], returns: keep ? returns : undefined };
}

/** Positions of positive numbers from the largest down; ties by position. Buffers are kept. */
class DescendingOrder {
  readonly #keys: Float64Array;
  readonly #words: Uint32Array;
  readonly #order: Uint16Array;

  constructor(n: number) {
    if (n > 0xffff) {
      throw new AppError('INVALID_CONFIG', `Expected at most 65535 assets in a sweep, found ${n}.`, {
        data: { found: n },
      });
    }
    this.#keys = new Float64Array(n);
    this.#words = new Uint32Array(this.#keys.buffer);
    this.#order = new Uint16Array(n);
  }

  /** The position travels in the lowest 16 bits of each number through a plain numeric sort; an insertion pass mends what that blurred. */
  sort(values: Float64Array): Uint16Array {
    const n = values.length;
    const words = this.#words;
    this.#keys.set(values);
    for (let i = 0; i < n; i++) words[2 * i] = (words[2 * i] & 0xffff0000) | (0xffff - i);
    this.#keys.sort();
    const order = this.#order;
    for (let i = 0; i < n; i++) order[i] = 0xffff - (words[2 * (n - 1 - i)] & 0xffff);
    for (let i = 1; i < n; i++) {
      const moved = order[i];
      let j = i - 1;
      while (j >= 0 && (values[order[j]] < values[moved] || (values[order[j]] === values[moved] && order[j] > moved))) {
        order[j + 1] = order[j];
        j -= 1;
      }
      order[j + 1] = moved;
    }
    return order;
  }
}
