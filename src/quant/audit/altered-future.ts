/**
 * Another future: the same prices up to a row, and after it other prices, volumes, members, delistings, dates and index levels.
 * Whatever was decided at or before that row must not notice.
 */
import { createRandom, type Random } from '../array/random';
import { PRICE_FIELDS, type Panel, type PriceField } from '../panel';
import type { PriceData } from '../research/select-data';

/** Share of assets whose existence or membership takes another turn after the cut. */
const TURNING = 0.12;
/** Calendar days by which sessions move, from the second one after the cut on: the next session is published, later ones are not known. */
const CLOSURE = 3;

export interface Alteration {
  /** Last row that stays as it is. */
  readonly lastKnown: number;
  readonly seed: number;
  /** Rows kept after the cut; all of them unless told. 0 = the future has not happened. */
  readonly rowsAfter?: number;
  /** `existence`: prices stay, only delistings and membership change. */
  readonly channel?: 'everything' | 'existence';
}

export function alteredFuture(data: PriceData, alteration: Alteration): PriceData {
  const { lastKnown, seed, rowsAfter = Infinity, channel = 'everything' } = alteration;
  const random = createRandom(seed);
  const rows = Math.min(data.panel.dates.length, lastKnown + 1 + rowsAfter);
  const kept = firstRows(data, rows);
  if (rows <= lastKnown + 1) return kept;
  const everything = channel === 'everything';
  const panel = everything ? withOtherPrices(kept.panel, lastKnown, random) : copied(kept.panel);
  endSomeAssets(panel, lastKnown, random);
  const membership = kept.panel.membership && otherMembers(kept.panel, lastKnown, random);
  const levels = kept.benchmark?.levels.map((level, t) =>
    t <= lastKnown || !everything ? level : level * (0.5 + random.uniform()),
  );
  return {
    panel: {
      ...panel,
      dates: everything ? otherDates(panel.dates, lastKnown) : panel.dates,
      ...(membership && { membership }),
    },
    benchmark: kept.benchmark && { name: kept.benchmark.name, levels: levels ?? kept.benchmark.levels },
  };
}

/** The data as they stood at the close of a row. */
function firstRows({ panel, benchmark }: PriceData, rows: number): PriceData {
  if (rows >= panel.dates.length) return { panel, benchmark };
  const cells = rows * panel.assets.length;
  return {
    panel: {
      ...mapFields(panel, (values) => values.slice(0, cells)),
      dates: panel.dates.slice(0, rows),
      ...(panel.membership && { membership: panel.membership.slice(0, cells) }),
    },
    benchmark: benchmark && { name: benchmark.name, levels: benchmark.levels.slice(0, rows) },
  };
}

function copied(panel: Panel): Panel {
  return mapFields(panel, (values) => values.slice());
}

/** Every asset takes another level and jitters around it; a bar keeps its shape, so that highs stay above lows. */
function withOtherPrices(panel: Panel, lastKnown: number, random: Random): Panel {
  const n = panel.assets.length;
  const from = (lastKnown + 1) * n;
  const level = Float64Array.from(panel.assets, () => 0.4 + 1.6 * random.uniform());
  const factors = panel.fields.close.map((_, cell) =>
    cell < from ? 1 : level[cell % n] * (0.97 + 0.06 * random.uniform()),
  );
  return mapFields(panel, (values, field) =>
    values.map((value, cell) =>
      cell < from ? value : field === 'volume' ? Math.round(value * factors[cell] * 3) : value * factors[cell],
    ),
  );
}

function endSomeAssets(panel: Panel, lastKnown: number, random: Random): void {
  const n = panel.assets.length;
  const rows = panel.dates.length;
  for (let i = 0; i < n; i++) {
    if (random.uniform() >= TURNING) continue;
    const end = lastKnown + 1 + random.integer(Math.max(1, Math.min(rows - lastKnown - 1, 30)));
    for (const field of PRICE_FIELDS) {
      const values = panel.fields[field];
      for (let t = end; values && t < rows; t++) values[t * n + i] = NaN;
    }
  }
}

function otherMembers({ assets, dates, membership }: Panel, lastKnown: number, random: Random): Uint8Array | undefined {
  const n = assets.length;
  const other = membership?.slice();
  for (let i = 0; other && i < n; i++) {
    if (random.uniform() >= TURNING) continue;
    for (let t = lastKnown + 1; t < dates.length; t++) other[t * n + i] = 1 - other[t * n + i];
  }
  return other;
}

function otherDates(dates: readonly string[], lastKnown: number): string[] {
  return dates.map((date, t) => {
    if (t <= lastKnown + 1) return date;
    const [year, month, day] = date.split('-').map(Number);
    return new Date(Date.UTC(year, month - 1, day + CLOSURE)).toISOString().slice(0, 10);
  });
}

function mapFields(panel: Panel, map: (values: Float64Array, field: PriceField) => Float64Array): Panel {
  const fields: Partial<Record<PriceField, Float64Array>> & { close: Float64Array } = {
    close: map(panel.fields.close, 'close'),
  };
  for (const field of PRICE_FIELDS) {
    const values = panel.fields[field];
    if (field !== 'close' && values) fields[field] = map(values, field);
  }
  return { ...panel, fields };
}
