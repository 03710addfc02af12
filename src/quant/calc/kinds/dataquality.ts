/** Calculation kind `dataquality.scan`: the defects of a long price table, kind by kind. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import type { CalcInput } from '../kind';
import { calcKind } from '../kind';
import { requireInput } from '../tables';
import {
  barViolations,
  calendarGaps,
  jumps,
  missingFields,
  presentRows,
  reversals,
  staleRuns,
  zeroVolumes,
  type DefectPanel,
} from '#quant/prices/defects';
import { densePanel, type DensePanel } from '#quant/prices/dense-panel';
import { readPriceFile } from '#quant/prices/normalize';
import { PRICE_FIELDS } from '#quant/panel';

const MOST_CELLS = 50_000_000;

/** `Name first letter <= L`, the one filter that a case may state. */
function assetFilter(input: CalcInput): (asset: string) => boolean {
  const { filter } = input.meta;
  if (filter === undefined || filter === null || filter === '') return () => true;
  const match = /^(?:Name )?first letter\s*(<=|>=|<|>|==?)\s*"?(\w)"?$/i.exec(String(filter).trim());
  if (!match) {
    throw new AppError('BAD_REQUEST', `Expected a filter such as "Name first letter <= L", found "${String(filter)}".`);
  }
  const [, operator, letter] = match;
  return (asset) => {
    const first = asset.slice(0, 1);
    if (operator === '<=') return first <= letter;
    if (operator === '>=') return first >= letter;
    if (operator === '<') return first < letter;
    return operator === '>' ? first > letter : first === letter;
  };
}

/** The panel of some assets on the whole calendar. */
function selectAssets(panel: DensePanel, keep: (asset: string) => boolean): DefectPanel {
  const chosen = panel.assets.flatMap((asset, n) => (keep(asset) ? [n] : []));
  const fields: Partial<Record<(typeof PRICE_FIELDS)[number], Float64Array>> = {};
  for (const field of PRICE_FIELDS) {
    const source = panel.fields[field];
    if (!source) continue;
    const target = new Float64Array(panel.dates.length * chosen.length);
    for (let t = 0; t < panel.dates.length; t++) {
      for (let k = 0; k < chosen.length; k++)
        target[t * chosen.length + k] = source[t * panel.assets.length + chosen[k]];
    }
    fields[field] = target;
  }
  return { dates: panel.dates, assets: chosen.map((n) => panel.assets[n]), fields };
}

const scan = calcKind({
  id: 'dataquality.scan',
  summary: 'Defects of a long OHLCV table',
  recipe:
    'Calendar = union of all dates of the whole file; tickers filtered afterwards. missing_fields: rows with an empty numeric field. ' +
    'ohlc_violation: rows with four prices where high < max(open, close, low) or low > min(open, close, high) beyond 1e-9. ' +
    'jumps: |close_t / close_{t−1} − 1| above the threshold on consecutive rows. reversal_spikes: two consecutive returns above the threshold, ' +
    'of opposite sign, compounding to less than reversal_net; dated by the first. calendar_gaps: [ticker, count, first, last] of calendar dates missing ' +
    'between first and last row. late_start: tickers whose first row is not the first calendar date or whose last row is not the last, with their first date. ' +
    'stale_runs: runs of identical closes of at least stale_run rows.',
  inputs: { ohlcv: 'CSV date,open,high,low,close,volume,Name; may state the filter "Name first letter <= L"' },
  params: z.strictObject({
    jump_threshold: z.number().gt(0).default(0.35).meta({ title: 'Jump', unit: 'return' }),
    reversal_threshold: z.number().gt(0).default(0.15).meta({ title: 'Reversal', unit: 'return' }),
    reversal_net: z.number().gt(0).default(0.05).meta({ title: 'Net of a reversal', unit: 'return' }),
    stale_run: z.int().gte(2).default(3).meta({ title: 'Stale run', unit: 'rows' }),
  }),
  run: (inputs, params) => {
    const input = requireInput(inputs, 'ohlcv');
    const all = densePanel(readPriceFile(input.bytes, input.name).rows, 'keep-first', MOST_CELLS);
    const panel = selectAssets(all, assetFilter(input));
    const present = presentRows(panel);
    const { dates, assets } = panel;
    const at = (found: { asset: number; date: number }): [string, string] => [assets[found.asset], dates[found.date]];
    const whole = present.filter((rows) => rows.length === dates.length).length;
    const late = present.flatMap((rows, asset) =>
      rows[0] !== 0 || rows[rows.length - 1] !== dates.length - 1 ? [[assets[asset], dates[rows[0]]]] : [],
    );
    return {
      n_tickers: assets.length,
      n_rows: present.reduce((sum, rows) => sum + rows.length, 0),
      missing_fields: missingFields(panel, present).map(at),
      ohlc_violation: barViolations(panel, present).map(at),
      zero_volume: zeroVolumes(panel, present).map(at),
      jumps: jumps(panel, present, params.jump_threshold).map((step) => [...at(step), step.value]),
      reversal_spikes: reversals(panel, present, params.reversal_threshold, params.reversal_net).map((spike) => [
        ...at(spike),
        spike.first,
        spike.second,
      ]),
      calendar_gaps: calendarGaps(present).map((gap) => [
        assets[gap.asset],
        gap.count,
        dates[gap.first],
        dates[gap.last],
      ]),
      late_start: late,
      stale_runs: staleRuns(panel, present, params.stale_run).map((run) => [
        assets[run.asset],
        dates[run.first],
        dates[run.last],
        run.length,
      ]),
      duplicates: all.equalDuplicates + all.conflictingDuplicates,
      full_history_tickers: whole,
    };
  },
});

export const kinds = [scan];
