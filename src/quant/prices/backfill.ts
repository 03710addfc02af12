/** Older or missing prices put into a history: gaps are filled, and what is known is never overwritten. */
import { AppError } from '#base/errors';
import { PRICE_FIELDS, type Panel, type PriceField } from '../panel';

export interface Backfill {
  readonly panel: Panel;
  /** Values that were missing and are known now. */
  readonly filled: number;
  /** Values that both have, not alike; the known one was kept. */
  readonly kept: number;
}

/** Errors: INVALID_DATA where the history has membership dates and `more` has days without them. */
export function backfill(known: Panel, more: Panel): Backfill {
  const dates = [...new Set([...known.dates, ...more.dates])].sort();
  const assets = [...known.assets, ...more.assets.filter((asset) => !known.assets.includes(asset))];
  const n = assets.length;
  const placed = (panel: Panel) => {
    const rowOf = new Map(dates.map((date, t) => [date, t]));
    const columnOf = new Map(assets.map((asset, i) => [asset, i]));
    const rows = panel.dates.map((date) => rowOf.get(date) ?? 0);
    const columns = panel.assets.map((asset) => columnOf.get(asset) ?? 0);
    return (visit: (from: number, to: number) => void): void => {
      rows.forEach((t, row) => {
        columns.forEach((i, column) => visit(row * columns.length + column, t * n + i));
      });
    };
  };
  const [eachKnown, eachMore] = [placed(known), placed(more)];
  let filled = 0;
  let kept = 0;
  const fields: Partial<Record<PriceField, Float64Array>> = {};
  for (const field of PRICE_FIELDS) {
    const [old, fresh] = [known.fields[field], more.fields[field]];
    if (old === undefined && fresh === undefined) continue;
    const values = new Float64Array(dates.length * n).fill(NaN);
    if (old !== undefined) eachKnown((from, to) => (values[to] = old[from]));
    if (fresh !== undefined) {
      eachMore((from, to) => {
        if (Number.isNaN(fresh[from])) return;
        if (Number.isNaN(values[to])) {
          values[to] = fresh[from];
          filled++;
        } else if (values[to] !== fresh[from]) kept++;
      });
    }
    fields[field] = values;
  }
  const { close = new Float64Array(0), ...others } = fields;
  const sectors = sectorsOf(known, more, assets);
  const membership = membershipOf(known, more, dates.length * n, eachKnown, eachMore);
  const panel = {
    dates,
    assets,
    fields: { ...others, close },
    ...(sectors && { sectors }),
    ...(membership && { membership }),
  };
  return { panel, filled, kept };
}

function sectorsOf(known: Panel, more: Panel, assets: readonly string[]): string[] | undefined {
  if (known.sectors === undefined && more.sectors === undefined) return undefined;
  const named = new Map<string, string>();
  for (const panel of [more, known]) {
    panel.assets.forEach((asset, i) => {
      const sector = panel.sectors?.[i] ?? '';
      if (sector !== '') named.set(asset, sector);
    });
  }
  return assets.map((asset) => named.get(asset) ?? '');
}

type Each = (visit: (from: number, to: number) => void) => void;

/** Who was a member on the new days must be known, or the history would look as if nobody was. */
function membershipOf(
  known: Panel,
  more: Panel,
  cells: number,
  eachKnown: Each,
  eachMore: Each,
): Uint8Array | undefined {
  const [old, fresh] = [known.membership, more.membership];
  if (old === undefined && fresh === undefined) return undefined;
  if (old === undefined || fresh === undefined) {
    throw new AppError(
      'INVALID_DATA',
      `Expected membership dates on both sides or on neither, found them only in the ${old === undefined ? 'files' : 'dataset'}. ` +
        'Name a membership file as well.',
    );
  }
  const mask = new Uint8Array(cells);
  eachMore((from, to) => (mask[to] = fresh[from]));
  eachKnown((from, to) => (mask[to] = old[from]));
  return mask;
}
