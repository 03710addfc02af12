/** What a portfolio holds at one moment: gross and net, concentration, sectors, beta. Cheap enough for every rebalance. */
import { AppError } from '#base/errors';
import { sumByGroup } from './contributions';

export interface Exposure {
  /** Σ|w| and Σ w. */
  readonly gross: number;
  readonly net: number;
  readonly holdings: number;
  /** Σ (|w| / gross)²: 1 = one asset, 1/n = n equal ones. */
  readonly herfindahl: number;
  /** 1 / Herfindahl. */
  readonly effectiveHoldings: number;
  /** Share of the gross in the ten largest positions. */
  readonly topTen: number;
  /** Net weight by sector, in order of first appearance. */
  readonly sectors: ReadonlyMap<string, number>;
}

const HELD = 1e-9;
const TOP = 10;

/** w [N], one sector label each ('' = unknown). An empty portfolio has concentration 0. Errors: INVALID_DATA. */
export function exposureOf(weights: Float64Array, sectors: readonly string[]): Exposure {
  if (!weights.every(Number.isFinite)) {
    throw new AppError('INVALID_DATA', 'Expected finite weights, found a missing or infinite one.');
  }
  const sizes = weights.map(Math.abs).sort().reverse();
  const gross = sizes.reduce((sum, value) => sum + value, 0);
  const shares = gross > 0 ? sizes.map((value) => value / gross) : sizes;
  const herfindahl = shares.reduce((sum, value) => sum + value * value, 0);
  return {
    gross,
    net: weights.reduce((sum, value) => sum + value, 0),
    holdings: sizes.filter((value) => value > HELD).length,
    herfindahl,
    effectiveHoldings: herfindahl > 0 ? 1 / herfindahl : 0,
    topTen: shares.subarray(0, TOP).reduce((sum, value) => sum + value, 0),
    sectors: sumByGroup(weights, sectors),
  };
}
