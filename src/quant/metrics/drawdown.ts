/**
 * Drawdowns of a return series. Wealth starts at 1 before the first return, and that start counts as a peak (row −1).
 */

/** [T] wealth after each return: ∏(1 + r). */
export function wealthOf(returns: Float64Array): Float64Array {
  const wealth = new Float64Array(returns.length);
  let level = 1;
  for (let t = 0; t < returns.length; t++) {
    level *= 1 + returns[t];
    wealth[t] = level;
  }
  return wealth;
}

/** [T] dd_t = W_t / max_{s ≤ t} W_s − 1 ≤ 0, with the start value among the maxima. */
export function drawdownsOf(wealth: Float64Array, start = 1): Float64Array {
  const drawdowns = new Float64Array(wealth.length);
  let peak = start;
  for (let t = 0; t < wealth.length; t++) {
    if (wealth[t] > peak) peak = wealth[t];
    drawdowns[t] = wealth[t] / peak - 1;
  }
  return drawdowns;
}

export interface DrawdownEpisode {
  /** Negative fraction. */
  readonly depth: number;
  /** Row before the decline; −1 = the start before the first return. */
  readonly peakRow: number;
  readonly troughRow: number;
  /** First row back at the peak; −1 = not recovered. */
  readonly recoveryRow: number;
  /** Rows under water. */
  readonly periods: number;
}

/** Maximal runs with dd < 0, in order of time. */
export function drawdownEpisodes(drawdowns: Float64Array): DrawdownEpisode[] {
  const episodes: DrawdownEpisode[] = [];
  for (let t = 0; t < drawdowns.length; t++) {
    if (!(drawdowns[t] < 0)) continue;
    const first = t;
    let trough = t;
    while (t < drawdowns.length && drawdowns[t] < 0) {
      if (drawdowns[t] < drawdowns[trough]) trough = t;
      t += 1;
    }
    episodes.push({
      depth: drawdowns[trough],
      peakRow: first - 1,
      troughRow: trough,
      recoveryRow: t < drawdowns.length ? t : -1,
      periods: t - first,
    });
  }
  return episodes;
}

/** The `top` deepest episodes, deepest first; equal depths in order of time. */
export function deepestDrawdowns(episodes: readonly DrawdownEpisode[], top: number): DrawdownEpisode[] {
  return [...episodes].sort((a, b) => a.depth - b.depth || a.peakRow - b.peakRow).slice(0, top);
}

export interface DrawdownSummary {
  /** 0 where the series never declines. */
  readonly depth: number;
  readonly peakRow: number;
  readonly troughRow: number;
  readonly recoveryRow: number;
  readonly longestUnderwater: number;
  /** Mean of dd over all rows. */
  readonly average: number;
  /** √(mean dd²) (Martin, McCann 1989). */
  readonly ulcer: number;
}

/** The deepest decline and the path averages of a drawdown series. */
export function summarizeDrawdowns(drawdowns: Float64Array): DrawdownSummary {
  const episodes = drawdownEpisodes(drawdowns);
  const deepest = deepestDrawdowns(episodes, 1)[0];
  let sum = 0;
  let squares = 0;
  for (const d of drawdowns) {
    sum += d;
    squares += d * d;
  }
  return {
    depth: deepest?.depth ?? 0,
    peakRow: deepest?.peakRow ?? -1,
    troughRow: deepest?.troughRow ?? -1,
    recoveryRow: deepest?.recoveryRow ?? -1,
    longestUnderwater: episodes.reduce((longest, episode) => Math.max(longest, episode.periods), 0),
    average: sum / drawdowns.length,
    ulcer: Math.sqrt(squares / drawdowns.length),
  };
}
