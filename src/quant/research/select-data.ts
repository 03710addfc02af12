/** The part of a dataset that a run works on: a date range, and the benchmark that it is measured against. */
import { AppError } from '#base/errors';
import type { Panel, PriceField } from '../panel';

export interface NamedLevels {
  readonly name: string;
  /** Level per date of the panel, NaN where missing; length T. */
  readonly levels: Float64Array;
}

export interface DataSelection {
  /** ISO days, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** An asset of the panel, taken out of the universe; left out: the dataset's own index. */
  readonly benchmark?: string | undefined;
}

export interface PriceData {
  readonly panel: Panel;
  readonly benchmark: NamedLevels | null;
}

/** Errors: NOT_ENOUGH_DATA where the range holds no date, INVALID_CONFIG where the benchmark is not an asset. */
export function selectData(data: PriceData, selection: DataSelection): PriceData {
  const { dates } = data.panel;
  const { from, to } = selection;
  const first = from === undefined ? 0 : dates.findIndex((date) => date >= from);
  const last = to === undefined ? dates.length - 1 : dates.findLastIndex((date) => date <= to);
  if (first < 0 || last < first) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected trading days between ${from ?? 'the start'} and ${to ?? 'the end'}, found none. The dataset spans ${dates[0]} to ${dates.at(-1)}; choose a range inside it.`,
      { data: { firstDate: dates[0], lastDate: dates.at(-1) } },
    );
  }
  return sliceRows(withBenchmark(data, selection.benchmark), first, last + 1);
}

function withBenchmark(data: PriceData, name: string | undefined): PriceData {
  if (name === undefined || name === data.benchmark?.name) return data;
  const { panel } = data;
  const column = panel.assets.indexOf(name);
  if (column < 0) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected data.benchmark to be the dataset's index or one of its assets, found "${name}".`,
    );
  }
  const width = panel.assets.length;
  const levels = Float64Array.from(panel.dates, (_, t) => panel.fields.close[t * width + column]);
  return { panel: withoutColumn(panel, column), benchmark: { name, levels } };
}

function withoutColumn(panel: Panel, column: number): Panel {
  const width = panel.assets.length;
  const drop = <Values extends Float64Array | Uint8Array>(values: Values): Values =>
    // TypedArray.filter keeps the array's own type; the compiler only knows the union
    values.filter((_: number, i: number) => i % width !== column) as Values;
  return {
    ...mapFields(panel, drop),
    assets: panel.assets.filter((_, i) => i !== column),
    ...(panel.sectors && { sectors: panel.sectors.filter((_, i) => i !== column) }),
    ...(panel.membership && { membership: drop(panel.membership) }),
  };
}

function sliceRows({ panel, benchmark }: PriceData, from: number, to: number): PriceData {
  if (from === 0 && to === panel.dates.length) return { panel, benchmark };
  const width = panel.assets.length;
  return {
    panel: {
      ...mapFields(panel, (values) => values.slice(from * width, to * width)),
      dates: panel.dates.slice(from, to),
      ...(panel.membership && { membership: panel.membership.slice(from * width, to * width) }),
    },
    benchmark: benchmark && { name: benchmark.name, levels: benchmark.levels.slice(from, to) },
  };
}

function mapFields(panel: Panel, map: (values: Float64Array) => Float64Array): Panel {
  const fields: Partial<Record<PriceField, Float64Array>> & { close: Float64Array } = {
    close: map(panel.fields.close),
  };
  for (const field of ['open', 'high', 'low', 'volume'] as const) {
    const values = panel.fields[field];
    if (values !== undefined) fields[field] = map(values);
  }
  return { ...panel, fields };
}
