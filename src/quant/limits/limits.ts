/**
 * Limits of a book: what is measured, and whether it holds. Both edges are inclusive: a value equal to its limit holds. What cannot be measured is a
 * violation and never a pass: a limit that is silent because its data is missing protects nobody.
 */

export const LIMIT_KINDS = [
  'position',
  'sector',
  'turnover',
  'leverage',
  'liquidity',
  'concentration',
  'tracking-error',
] as const;
export type LimitKind = (typeof LIMIT_KINDS)[number];

export interface Limit {
  readonly id: string;
  readonly kind: LimitKind;
  /** Largest allowed value; its unit depends on the kind. */
  readonly max: number;
  /** Of one sector; absent = of each. */
  readonly sector?: string | undefined;
}

export interface Book {
  /** Weights by asset, fractions of net asset value. */
  readonly weights: ReadonlyMap<string, number>;
  /** Weights before the trades; null after them, where turnover is not asked. */
  readonly before: ReadonlyMap<string, number> | null;
  readonly sectors: ReadonlyMap<string, string>;
  /** Currency. */
  readonly netAssetValue: number;
  /** Average daily notional by asset, currency. */
  readonly adv: ReadonlyMap<string, number>;
  /** Weights of the benchmark; null where there is none. */
  readonly benchmark: ReadonlyMap<string, number> | null;
  /** Annual covariance of the assets named in `assets`, [N, N] row-major; null where there is none. */
  readonly covariance: { readonly assets: readonly string[]; readonly values: Float64Array } | null;
}

export interface Measured {
  readonly limit: string;
  readonly kind: LimitKind;
  /** Asset or sector that is worst; '' where the whole book is measured. */
  readonly subject: string;
  /** Null where it cannot be evaluated. */
  readonly value: number | null;
  readonly max: number;
  readonly holds: boolean;
  /** Why it could not be evaluated; '' where it was. */
  readonly reason: string;
}

/** Rounding that a weight may carry without being over a limit it was scaled to. */
const ROUNDING = 1e-12;

type Value = { readonly subject: string; readonly value: number } | { readonly reason: string };

/** Position: largest |weight| of an asset. */
function position({ weights }: Book): Value {
  return largest([...weights].map(([asset, weight]) => [asset, Math.abs(weight)]));
}

/** Sector: largest sum of weights by absolute value of a sector, or of the one that is named. */
function sector({ weights, sectors }: Book, only: string | undefined): Value {
  const sums = new Map<string, number>();
  for (const [asset, weight] of weights) {
    if (weight === 0) continue;
    const name = sectors.get(asset);
    if (name === undefined || name === '') return { reason: `no sector is known of ${asset}` };
    sums.set(name, (sums.get(name) ?? 0) + Math.abs(weight));
  }
  return only === undefined ? largest([...sums]) : { subject: only, value: sums.get(only) ?? 0 };
}

/** Turnover: one-way, ½ Σ|Δw|. */
function turnover({ weights, before }: Book): Value {
  if (before === null) return { reason: 'the weights before are not known' };
  let sum = 0;
  for (const asset of new Set([...weights.keys(), ...before.keys()])) {
    sum += Math.abs((weights.get(asset) ?? 0) - (before.get(asset) ?? 0));
  }
  return { subject: '', value: sum / 2 };
}

/** Leverage: gross exposure, Σ|w|. */
function leverage({ weights }: Book): Value {
  let sum = 0;
  for (const weight of weights.values()) sum += Math.abs(weight);
  return { subject: '', value: sum };
}

/** Liquidity: days to sell the largest position at the whole average volume, |w|·NAV / ADV. */
function liquidity({ weights, netAssetValue, adv }: Book): Value {
  const days: [string, number][] = [];
  for (const [asset, weight] of weights) {
    if (weight === 0) continue;
    const traded = adv.get(asset);
    if (traded === undefined || !(traded > 0)) return { reason: `no traded volume is known of ${asset}` };
    days.push([asset, (Math.abs(weight) * netAssetValue) / traded]);
  }
  return largest(days);
}

/** Concentration: Herfindahl index Σw² (Hirschman, 1964). */
function concentration({ weights }: Book): Value {
  let sum = 0;
  for (const weight of weights.values()) sum += weight * weight;
  return { subject: '', value: sum };
}

/** Tracking error, annual: √((w − b)ᵀ Σ (w − b)). */
function trackingError({ weights, benchmark, covariance }: Book): Value {
  if (benchmark === null) return { reason: 'no benchmark weights are known' };
  if (covariance === null) return { reason: 'no covariance is known' };
  const { assets, values } = covariance;
  const n = assets.length;
  const known = new Set(assets);
  for (const asset of new Set([...weights.keys(), ...benchmark.keys()])) {
    const active = (weights.get(asset) ?? 0) - (benchmark.get(asset) ?? 0);
    if (active !== 0 && !known.has(asset)) return { reason: `no covariance is known of ${asset}` };
  }
  const active = assets.map((asset) => (weights.get(asset) ?? 0) - (benchmark.get(asset) ?? 0));
  let variance = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) variance += active[i] * active[j] * values[i * n + j];
  return { subject: '', value: Math.sqrt(Math.max(0, variance)) };
}

function largest(values: readonly (readonly [string, number])[]): Value {
  let worst = { subject: '', value: 0 };
  for (const [subject, value] of values) {
    if (!Number.isFinite(value)) return { reason: `the value of ${subject} is not a finite number` };
    if (value > worst.value) worst = { subject, value };
  }
  return worst;
}

function measure(limit: Limit, book: Book): Value {
  switch (limit.kind) {
    case 'position':
      return position(book);
    case 'sector':
      return sector(book, limit.sector);
    case 'turnover':
      return turnover(book);
    case 'leverage':
      return leverage(book);
    case 'liquidity':
      return liquidity(book);
    case 'concentration':
      return concentration(book);
    case 'tracking-error':
      return trackingError(book);
  }
}

/** One answer for each limit, in their order. */
export function measureLimits(limits: readonly Limit[], book: Book): Measured[] {
  return limits.map((limit) => {
    const { id, kind, max } = limit;
    const found = measure(limit, book);
    if ('reason' in found)
      return { limit: id, kind, subject: '', value: null, max, holds: false, reason: found.reason };
    const { subject, value } = found;
    const known = Number.isFinite(value) && Number.isFinite(max);
    return {
      limit: id,
      kind,
      subject,
      value: known ? value : null,
      max,
      holds: known && value <= max + ROUNDING,
      reason: known ? '' : 'the value is not a finite number',
    };
  });
}
