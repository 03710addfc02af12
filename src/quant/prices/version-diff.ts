/** What changed between two versions of a price history: dates, assets, and every value, compared by their bits where both have it. */
import { PRICE_FIELDS, type Panel, type PriceField } from '../panel';

export interface FieldChanges {
  readonly field: PriceField;
  /** Values that only the newer version has, that only the older one has, and that both have but not alike. */
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Largest |after / before − 1| among the changed ones; null where none changed from a number other than 0. */
  readonly largestChange: number | null;
}

export interface AssetChanges {
  readonly asset: string;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

export interface ValueChange {
  readonly asset: string;
  readonly date: string;
  readonly field: PriceField;
  readonly before: number | null;
  readonly after: number | null;
}

export interface VersionDiff {
  readonly rows: { readonly before: number; readonly after: number };
  readonly dates: { readonly added: readonly string[]; readonly removed: readonly string[] };
  readonly assets: { readonly added: readonly string[]; readonly removed: readonly string[] };
  readonly fields: readonly FieldChanges[];
  /** Assets with any change, most changed values first. */
  readonly changedAssets: readonly AssetChanges[];
  /** The first changed values in the order of fields, dates and assets. */
  readonly samples: readonly ValueChange[];
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

function closeCount({ fields }: Panel): number {
  return fields.close.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
}

/** Work is linear in the size of the union of both panels. @param mostSamples changed values that are named */
export function versionDiff(before: Panel, after: Panel, mostSamples = 200): VersionDiff {
  const dates = union(before.dates, after.dates).sort();
  const assets = union(before.assets, after.assets).sort();
  const [oldRows, newRows] = [rowsOf(before.dates), rowsOf(after.dates)];
  const [oldColumns, newColumns] = [rowsOf(before.assets), rowsOf(after.assets)];
  const perAsset = new Map<string, { added: number; removed: number; changed: number }>();
  const samples: ValueChange[] = [];
  const fields: FieldChanges[] = [];
  for (const field of PRICE_FIELDS) {
    const [old, fresh] = [before.fields[field], after.fields[field]];
    if (old === undefined && fresh === undefined) continue;
    const totals = { added: 0, removed: 0, changed: 0 };
    let largest: number | null = null;
    for (const date of dates) {
      const [t, u] = [oldRows.get(date), newRows.get(date)];
      for (const asset of assets) {
        const [i, j] = [oldColumns.get(asset), newColumns.get(asset)];
        const a = old === undefined || t === undefined || i === undefined ? NaN : old[t * before.assets.length + i];
        const b = fresh === undefined || u === undefined || j === undefined ? NaN : fresh[u * after.assets.length + j];
        if (Object.is(a, b)) continue;
        const kind = Number.isNaN(a) ? 'added' : Number.isNaN(b) ? 'removed' : 'changed';
        totals[kind]++;
        const counts = perAsset.get(asset) ?? { added: 0, removed: 0, changed: 0 };
        counts[kind]++;
        perAsset.set(asset, counts);
        if (kind !== 'changed') continue;
        if (a !== 0) largest = Math.max(largest ?? 0, Math.abs(b / a - 1));
        if (samples.length < mostSamples) samples.push({ asset, date, field, before: orNull(a), after: orNull(b) });
      }
    }
    fields.push({ field, ...totals, largestChange: largest });
  }
  const total = ({ added, removed, changed }: AssetChanges): number => added + removed + changed;
  return {
    rows: { before: closeCount(before), after: closeCount(after) },
    dates: { added: without(after.dates, oldRows), removed: without(before.dates, newRows) },
    assets: { added: without(after.assets, oldColumns), removed: without(before.assets, newColumns) },
    fields,
    changedAssets: [...perAsset]
      .map(([asset, counts]) => ({ asset, ...counts }))
      .sort((a, b) => total(b) - total(a) || (a.asset < b.asset ? -1 : 1)),
    samples,
  };
}

const rowsOf = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.map((name, row) => [name, row]));
const union = (a: readonly string[], b: readonly string[]): string[] => [...new Set([...a, ...b])];
const without = (names: readonly string[], known: ReadonlyMap<string, number>): string[] =>
  names.filter((name) => !known.has(name));
