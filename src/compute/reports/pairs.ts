/** Every strategy against every other: differences of Sharpe ratios with p-values corrected for their number (Ledoit, Wolf 2008; Holm 1979). */
import { AppError } from '#base/errors';
import { holm } from '#quant/inference/multiple-testing';
import { ledoitWolf } from '#quant/inference/sharpe-difference';
import { returnsOf } from './drafting';
import type { RunSeries } from './facts';

const ROOT = Math.sqrt(252);

export interface Pair {
  readonly a: number;
  readonly b: number;
  /** SR(a) − SR(b), a year; null where the pair cannot be tested. */
  readonly difference: number | null;
  readonly standardError: number | null;
  readonly p: number | null;
  /** Holm over all pairs that could be tested. */
  readonly adjusted: number | null;
  readonly reason: string;
}

/** Pairs with a < b, in order. */
export function allPairs({ strategies }: RunSeries): Pair[] {
  const returns = strategies.map(({ equity }) => returnsOf(equity));
  const pairs: Pair[] = [];
  for (let a = 0; a < returns.length; a++) {
    for (let b = a + 1; b < returns.length; b++) pairs.push({ a, b, ...tested(returns[a], returns[b]) });
  }
  const known = pairs.filter(({ p }) => p !== null);
  const adjusted = holm(Float64Array.from(known, ({ p }) => p ?? 1));
  return pairs.map((pair) => ({ ...pair, adjusted: pair.p === null ? null : adjusted[known.indexOf(pair)] }));
}

function tested(a: Float64Array, b: Float64Array): Omit<Pair, 'a' | 'b'> {
  const failed = (reason: string) => ({ difference: null, standardError: null, p: null, adjusted: null, reason });
  if (a.length < 60) return failed(`Expected at least 60 common days, found ${a.length}.`);
  if (a.every((r, t) => Math.abs(r - b[t]) < 1e-12)) return failed('The two have the same returns on every day.');
  try {
    const { difference, standardError, p } = ledoitWolf(a, b);
    if (!Number.isFinite(p)) return failed('The returns do not vary.');
    return { difference: difference * ROOT, standardError: standardError * ROOT, p, adjusted: null, reason: '' };
  } catch (error) {
    if (error instanceof AppError) return failed(error.message);
    throw error;
  }
}
