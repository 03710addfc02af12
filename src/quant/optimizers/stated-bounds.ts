/** What a person states about assets and sectors, turned into one lower and one upper bound each. Names that do not exist are refused. */
import { AppError } from '#base/errors';
import type { Constraints } from './constraints';

/** A sector whose weights together stay between its floor (absent = none) and its cap. Sectors do not overlap. */
export interface SectorCap {
  readonly name: string;
  readonly floor?: number;
  readonly cap: number;
  readonly members: readonly number[];
}

export interface Stated {
  readonly assets: readonly string[];
  readonly sectors: readonly string[];
  readonly currentWeights?: Float64Array;
  readonly benchmarkWeights?: Float64Array;
  readonly dollarVolume?: Float64Array;
  readonly constraints: Constraints;
}

/** Name of the sector of assets without one; caps apply to it too. */
export const UNKNOWN_SECTOR = 'unknown';

/**
 * Bounds [N]. A floor above a cap is kept as stated: the set is then empty, which its reader explains. Errors: BAD_REQUEST where
 * lengths disagree or data for a constraint is absent, INVALID_CONFIG for a floor of an asset that cannot be held.
 */
export function statedBounds(stated: Stated): { lower: Float64Array; upper: Float64Array } {
  const { assets, sectors, currentWeights, constraints } = stated;
  const n = assets.length;
  if (sectors.length !== n || (currentWeights !== undefined && currentWeights.length !== n)) {
    throw new AppError('BAD_REQUEST', `Expected one sector and one current weight per asset (${n}).`);
  }
  const { longOnly, maxWeight, assetCaps, assetFloors, activeBound, liquidity, minPosition } = constraints;
  const lower = new Float64Array(n).fill(longOnly ? 0 : -maxWeight);
  const upper = new Float64Array(n).fill(maxWeight);
  requireNames(Object.keys(assetFloors ?? {}), assets, 'asset', 'assetFloors');
  assets.forEach((asset, i) => {
    if (assetCaps !== undefined && Object.hasOwn(assetCaps, asset)) upper[i] = Math.min(upper[i], assetCaps[asset]);
    if (assetFloors !== undefined && Object.hasOwn(assetFloors, asset))
      lower[i] = Math.max(lower[i], assetFloors[asset]);
  });
  if (activeBound !== undefined) {
    const benchmark = requireBenchmark(stated);
    for (let i = 0; i < n; i++) {
      lower[i] = Math.max(lower[i], benchmark[i] - activeBound);
      upper[i] = Math.min(upper[i], benchmark[i] + activeBound);
    }
  }
  if (liquidity !== undefined) {
    const volume = requireVolume(stated);
    for (let i = 0; i < n; i++) {
      const most = (liquidity.volumeShare * liquidity.days * volume[i]) / liquidity.portfolioValue;
      upper[i] = Math.min(upper[i], most);
      if (lower[i] < 0) lower[i] = Math.max(lower[i], -most);
    }
  }
  if (minPosition !== undefined && longOnly) {
    for (let i = 0; i < n; i++) {
      if (lower[i] > 0) lower[i] = Math.max(lower[i], minPosition);
      else if (upper[i] < minPosition) upper[i] = 0;
    }
  }
  return { lower, upper };
}

/** Sectors with a floor or a cap. Errors: INVALID_CONFIG naming a sector that no asset has, BAD_REQUEST without benchmark weights. */
export function statedSectors(stated: Stated): SectorCap[] {
  const { sectorCap, sectorCaps, sectorFloors, sectorActiveBound } = stated.constraints;
  if ([sectorCap, sectorCaps, sectorFloors, sectorActiveBound].every((one) => one === undefined)) return [];
  const members = new Map<string, number[]>();
  stated.sectors.forEach((sector, i) => {
    const name = sector === '' ? UNKNOWN_SECTOR : sector;
    const list = members.get(name);
    if (list === undefined) members.set(name, [i]);
    else list.push(i);
  });
  const names = [...members.keys()];
  requireNames(Object.keys(sectorCaps ?? {}), names, 'sector', 'sectorCaps');
  requireNames(Object.keys(sectorFloors ?? {}), names, 'sector', 'sectorFloors');
  const benchmark = sectorActiveBound === undefined ? undefined : requireBenchmark(stated);
  return [...members].flatMap(([name, list]) => {
    let cap = own(sectorCaps, name) ?? sectorCap ?? Infinity;
    let floor = own(sectorFloors, name) ?? -Infinity;
    if (benchmark !== undefined && sectorActiveBound !== undefined) {
      const weight = list.reduce((sum, i) => sum + benchmark[i], 0);
      cap = Math.min(cap, weight + sectorActiveBound);
      floor = Math.max(floor, weight - sectorActiveBound);
    }
    if (cap === Infinity && floor === -Infinity) return [];
    return [{ name, cap, members: list, ...(floor === -Infinity ? {} : { floor }) }];
  });
}

function own(values: Readonly<Record<string, number>> | undefined, name: string): number | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

function requireNames(named: readonly string[], known: readonly string[], what: string, where: string): void {
  const strange = named.filter((name) => !known.includes(name));
  if (strange.length === 0) return;
  const some = known.slice(0, 12).join(', ');
  throw new AppError(
    'INVALID_CONFIG',
    `Expected names of ${what}s that can be held (${some}${known.length > 12 ? ', …' : ''}) in ${where}, found "${strange.join('", "')}". Correct the name or take it out.`,
    { data: { names: strange } },
  );
}

function requireBenchmark({ assets, benchmarkWeights }: Stated): Float64Array {
  if (benchmarkWeights?.length === assets.length && benchmarkWeights.every((weight) => Number.isFinite(weight))) {
    return benchmarkWeights;
  }
  throw new AppError(
    'BAD_REQUEST',
    'Expected a benchmark weight of every asset for bounds relative to the benchmark, found none. Give benchmark weights or take the active bounds out.',
    { data: { constraints: ['activeBound', 'sectorActiveBound'] } },
  );
}

function requireVolume({ assets, dollarVolume }: Stated): Float64Array {
  const missing = assets.filter((_, i) => !(dollarVolume !== undefined && dollarVolume[i] >= 0));
  if (dollarVolume !== undefined && missing.length === 0) return dollarVolume;
  throw new AppError(
    'BAD_REQUEST',
    `Expected the average daily dollar volume of every asset for the liquidity constraint, found none of ${missing.length} (${missing.slice(0, 5).join(', ')}). ` +
      'Import volumes with the prices or take the liquidity constraint out.',
    { data: { constraints: ['liquidity'], assets: missing } },
  );
}
