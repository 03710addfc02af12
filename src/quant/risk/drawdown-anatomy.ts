/**
 * Which assets made a drawdown: the change of value from peak to trough, booked to what was held each day. Parts add up to the
 * depth, because every day's profit is measured in the value at the peak (additive in currency, not compounded).
 */
import { AppError } from '#base/errors';
import { deepestDrawdowns, drawdownEpisodes, drawdownsOf, type DrawdownEpisode } from '../metrics/drawdown';

export interface DrawdownAnatomy {
  /** Rows count days of `equity`: row t is the day of equity[t]. */
  readonly episode: DrawdownEpisode;
  /** Per asset, length N; fraction of the value at the peak. */
  readonly contribution: Float64Array;
  /** Costs, cash and whatever holdings do not explain; contribution + residual = depth. */
  readonly residual: number;
}

/**
 * `equity` [T]; `weights` [T, N] held at the close of each day; `returns` [T, N] of each day, its row 0 unused, NaN = no price (0).
 * The `top` deepest episodes, deepest first. Errors: INVALID_DATA.
 */
export function drawdownAnatomy(
  equity: Float64Array,
  weights: Float64Array,
  returns: Float64Array,
  N: number,
  top: number,
): DrawdownAnatomy[] {
  const T = equity.length;
  if (weights.length !== T * N || returns.length !== T * N) {
    throw new AppError(
      'INVALID_DATA',
      `Expected ${T} × ${N} weights and returns, found ${weights.length} and ${returns.length} numbers.`,
    );
  }
  const bad = equity.findIndex((value) => !(value > 0 && Number.isFinite(value)));
  if (bad >= 0) {
    throw new AppError('INVALID_DATA', `Expected positive equity, found ${equity[bad]} in row ${bad + 1}.`);
  }
  // The first value is a peak: `drawdownsOf` would otherwise start from 1.
  const episodes = drawdownEpisodes(drawdownsOf(equity, equity[0]));
  return deepestDrawdowns(episodes, top).map((episode) => {
    const { peakRow, troughRow } = episode;
    const contribution = new Float64Array(N);
    for (let t = peakRow + 1; t <= troughRow; t++) {
      const value = equity[t - 1] / equity[peakRow];
      for (let i = 0, held = (t - 1) * N, k = t * N; i < N; i++, held++, k++) {
        if (weights[held] !== 0 && Number.isFinite(returns[k])) contribution[i] += value * weights[held] * returns[k];
      }
    }
    const explained = contribution.reduce((sum, part) => sum + part, 0);
    return { episode, contribution, residual: episode.depth - explained };
  });
}

/** Target weights at fill rows → weights at the close of every row [T, N], drifting with the returns between fills. */
export function driftedWeights(
  fills: readonly { readonly row: number; readonly weights: Float64Array }[],
  returns: Float64Array,
  T: number,
  N: number,
): Float64Array {
  const result = new Float64Array(T * N);
  const next = [...fills].sort((a, b) => a.row - b.row);
  let at = 0;
  for (let t = 0; t < T; t++) {
    const row = t * N;
    if (t > 0) drift(result, returns, row, N);
    while (at < next.length && next[at].row <= t) {
      if (next[at].row === t) result.set(next[at].weights, row);
      at++;
    }
  }
  return result;
}

function drift(result: Float64Array, returns: Float64Array, row: number, N: number): void {
  let growth = 1;
  for (let i = 0; i < N; i++) {
    const change = returns[row + i];
    const held = result[row - N + i];
    if (held === 0) continue;
    const moved = Number.isFinite(change) ? held * change : 0;
    result[row + i] = held + moved;
    growth += moved;
  }
  if (growth > 0) for (let i = 0; i < N; i++) result[row + i] /= growth;
}
