/**
 * Panel: the shape in which prices and everything derived from them travel through the science.
 * Dates run down, assets run across; each field is one row-major Float64Array [T, N]; a missing value is NaN and stays NaN.
 */
import { AppError } from '#base/errors';

export const PRICE_FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;
export type PriceField = (typeof PRICE_FIELDS)[number];

/** A row-major table of numbers with labels: rows are ISO dates (ascending, unique), columns are assets (unique). */
export interface Frame {
  /** ISO days, strictly ascending, length T. */
  readonly dates: readonly string[];
  /** Asset identifiers, unique, length N. */
  readonly assets: readonly string[];
  /** [T, N] row-major. NaN = missing. */
  readonly values: Float64Array;
}

export interface Panel {
  readonly dates: readonly string[];
  readonly assets: readonly string[];
  /** Each field [T, N] row-major; `close` is always there. Prices in currency units, volume in shares. */
  readonly fields: Readonly<Partial<Record<PriceField, Float64Array>> & { close: Float64Array }>;
  /** Sector name per asset, '' where unknown. */
  readonly sectors?: readonly string[];
  /** 1 where the asset belongs to the universe on that date, else 0; [T, N]. Absent = always a member. */
  readonly membership?: Uint8Array;
}

/** Checks the promises of a Frame and returns it. Errors: INVALID_DATA naming the first broken one. */
export function checkFrame(frame: Frame): Frame {
  const { dates, assets, values } = frame;
  if (values.length !== dates.length * assets.length) {
    throw new AppError(
      'INVALID_DATA',
      `Expected ${dates.length} × ${assets.length} values, found ${values.length}. Supply one value per date and asset.`,
    );
  }
  for (let t = 1; t < dates.length; t++) {
    const previous = dates[t - 1];
    const current = dates[t];
    if (current <= previous) {
      throw new AppError(
        'INVALID_DATA',
        `Expected ascending unique dates, found ${current} after ${previous}. Sort the rows and remove duplicates.`,
      );
    }
  }
  if (new Set(assets).size !== assets.length) {
    throw new AppError('INVALID_DATA', 'Expected unique asset names, found a duplicate. Rename or merge the columns.');
  }
  return frame;
}
