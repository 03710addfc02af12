/**
 * Weights brought within limits by shrinking only: positions to their limit, sectors in proportion, then the whole book to leverage, concentration and
 * turnover. What is taken away stays in cash. The answer is measured again; where a limit cannot be reached by shrinking it still does not hold.
 */
import { measureLimits, type Book, type Limit, type Measured } from './limits';

export interface Scaled {
  readonly weights: ReadonlyMap<string, number>;
  readonly measured: readonly Measured[];
  /** True where every limit that was given holds. */
  readonly holds: boolean;
}

/** So that rounding cannot leave a value one bit above its limit. */
const INSIDE = 1 - 1e-12;

export function scaleToLimits(limits: readonly Limit[], book: Book): Scaled {
  let weights = new Map(book.weights);
  const shrink = (by: (asset: string, weight: number) => number) => {
    weights = new Map([...weights].map(([asset, weight]) => [asset, weight * by(asset, weight)]));
  };
  for (const { kind, max } of limits) {
    if (kind === 'position') shrink((_asset, weight) => Math.min(1, (max * INSIDE) / Math.abs(weight) || 1));
    if (kind === 'liquidity') {
      shrink((asset, weight) => {
        const days = (Math.abs(weight) * book.netAssetValue) / (book.adv.get(asset) ?? NaN);
        return days > max ? (max * INSIDE) / days : 1;
      });
    }
  }
  for (const { kind, max, sector } of limits) {
    if (kind !== 'sector') continue;
    const sums = new Map<string, number>();
    for (const [asset, weight] of weights) {
      const name = book.sectors.get(asset) ?? '';
      sums.set(name, (sums.get(name) ?? 0) + Math.abs(weight));
    }
    shrink((asset) => {
      const name = book.sectors.get(asset) ?? '';
      const sum = sums.get(name) ?? 0;
      return (sector === undefined || sector === name) && sum > max ? (max * INSIDE) / sum : 1;
    });
  }
  for (const limit of limits) {
    const [{ value }] = measureLimits([limit], { ...book, weights });
    if (value === null || value <= limit.max) continue;
    const share = (limit.max * INSIDE) / value;
    if (limit.kind === 'leverage') shrink(() => share);
    if (limit.kind === 'concentration') shrink(() => Math.sqrt(share));
  }
  const turning = limits.filter(({ kind }) => kind === 'turnover');
  for (const limit of turning) {
    const [{ value }] = measureLimits([limit], { ...book, weights });
    const { before } = book;
    if (value === null || value <= limit.max || before === null) continue;
    // Part of the way from what is held to what is wanted.
    const share = (limit.max * INSIDE) / value;
    const assets = new Set([...weights.keys(), ...before.keys()]);
    const wanted = weights;
    weights = new Map(
      [...assets].map((asset) => {
        const from = before.get(asset) ?? 0;
        return [asset, from + share * ((wanted.get(asset) ?? 0) - from)];
      }),
    );
  }
  const measured = measureLimits(limits, { ...book, weights });
  return { weights, measured, holds: measured.every(({ holds }) => holds) };
}
