/** The findings of the quality report, group by group: bars, jumps, stale prices, the calendar, and the lives of assets. */
import { isTradingDayNumber } from '../calendar/nyse';
import { weekdayOf, formatIsoDay } from '../calendar/iso-day';
import {
  barViolations,
  calendarGaps,
  forEachReturn,
  missingFields,
  reversals,
  staleRuns,
  zeroVolumes,
  type At,
  type DefectPanel,
  type Step,
} from './defects';
import {
  SAMPLE_LIMIT,
  type FindingSample,
  type QualityFinding,
  type QualityInput,
  type Severity,
} from './quality-report';

const KEPT = 'Kept as imported.';

function finding(
  kind: string,
  severity: Severity,
  title: string,
  action: string,
  samples: readonly FindingSample[],
  count = samples.length,
): QualityFinding {
  return { kind, severity, title, count, samples: samples.slice(0, SAMPLE_LIMIT), action };
}

/** Turns positions into samples. */
function sampler(panel: DefectPanel): (at: At, value: number | null, note?: string) => FindingSample {
  return (at, value, note) => ({
    asset: panel.assets[at.asset],
    date: panel.dates[at.date],
    value: value === null || Number.isNaN(value) ? null : value,
    ...(note === undefined ? {} : { note }),
  });
}

/** Missing cells, bars that contradict themselves, zero volume. */
export function barFindings(panel: DefectPanel, present: readonly Int32Array[]): QualityFinding[] {
  const sample = sampler(panel);
  const width = panel.assets.length;
  const closeAt = (at: At) => panel.fields.close?.[at.date * width + at.asset] ?? NaN;
  const violations = barViolations(panel, present);
  const of = (kind: string) =>
    violations.filter((violation) => violation.kind === kind).map((at) => sample(at, closeAt(at)));
  return [
    finding(
      'missing_values',
      'warning',
      'Rows with a missing field',
      'Left missing; nothing is filled in.',
      missingFields(panel, present).map((at) => sample(at, null, at.fields.join(', '))),
    ),
    finding('high_below_low', 'error', 'High below low', KEPT, of('high-below-low')),
    finding('close_outside_range', 'warning', 'Close outside the day’s range', KEPT, of('close-outside')),
    finding('open_outside_range', 'info', 'Open outside the day’s range', KEPT, of('open-outside')),
    finding(
      'zero_volume',
      'info',
      'Rows with zero volume',
      KEPT,
      zeroVolumes(panel, present).map((at) => sample(at, 0)),
    ),
  ];
}

const REVERSAL = 0.15;
const REVERSAL_NET = 0.05;
/** Smallest return that can count as a jump, however quiet the asset. */
const LEAST_JUMP = 0.15;
/** Share ratios of splits that occur, new for old; reverse splits are their inverses. 3 for 2 is left out: a fall by a third is mostly news. */
const SPLIT_RATIOS = [2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50, 100];
const SPLIT_TOLERANCE = 0.04;
/** The opening may have moved overnight as well. */
const SPLIT_OPEN_TOLERANCE = 0.06;

/** Jumps beyond k robust standard deviations, spikes that reverse, and jumps that look like splits. */
export function jumpFindings(panel: DefectPanel, present: readonly Int32Array[], sigmas: number): QualityFinding[] {
  const sample = sampler(panel);
  const spikes = reversals(panel, present, REVERSAL, REVERSAL_NET);
  const width = panel.assets.length;
  const spikeCells = new Set(spikes.flatMap(({ asset, date }) => [date * width + asset]));
  const jumps: FindingSample[] = [];
  const splits: FindingSample[] = [];
  for (const step of largeSteps(panel, present, sigmas)) {
    if (spikeCells.has(step.date * width + step.asset) || spikeCells.has(step.previous * width + step.asset)) continue;
    const ratio = splitRatio(panel, step);
    if (ratio === null) jumps.push(sample(step, step.value));
    else splits.push(sample(step, step.value, ratio > 1 ? `${ratio} for 1` : `1 for ${Math.round(10 / ratio) / 10}`));
  }
  return [
    finding(
      'suspected_splits',
      'error',
      'Suspected splits that are not adjusted',
      `${KEPT} Import adjusted prices, or split events.`,
      splits,
    ),
    finding(
      'reversal_spikes',
      'warning',
      'Prices that leave by 15 % and come back the next day',
      KEPT,
      spikes.map((spike) => sample(spike, spike.first, `next day ${(spike.second * 100).toFixed(1)} %`)),
    ),
    finding('jumps', 'info', `Returns beyond ${sigmas} robust standard deviations`, KEPT, jumps),
  ];
}

/** Returns above `sigmas` times 1.4826 · MAD of the asset's own returns, and above LEAST_JUMP. */
function largeSteps(panel: DefectPanel, present: readonly Int32Array[], sigmas: number): Step[] {
  const sizes = present.map((rows) => new Float64Array(Math.max(0, rows.length - 1)));
  const used = new Int32Array(present.length);
  const candidates: Step[] = [];
  forEachReturn(panel, present, (asset, date, previous, value) => {
    const size = Math.abs(value);
    if (size === size) sizes[asset][used[asset]++] = size;
    if (size > LEAST_JUMP) candidates.push({ asset, date, previous, value });
  });
  const limit = new Map<number, number>();
  const limitOf = (asset: number) => {
    let found = limit.get(asset);
    if (found === undefined) {
      const sorted = sizes[asset].subarray(0, used[asset]).sort();
      found = sigmas * 1.4826 * sorted[sorted.length >> 1];
      limit.set(asset, found);
    }
    return found;
  };
  return candidates.filter(({ asset, value }) => Math.abs(value) > limitOf(asset));
}

/** New shares for one old when the price stepped down (or up) by a usual split ratio and opened there already; else null. */
function splitRatio(panel: DefectPanel, step: Step): number | null {
  const width = panel.assets.length;
  const { open, close } = panel.fields;
  const cell = step.date * width + step.asset;
  const before = close?.[step.previous * width + step.asset] ?? NaN;
  const opening = open?.[cell] ?? NaN;
  const factor = 1 + step.value;
  for (const ratio of SPLIT_RATIOS) {
    for (const shares of [ratio, 1 / ratio]) {
      if (Math.abs(Math.log(factor * shares)) > SPLIT_TOLERANCE) continue;
      if (Number.isNaN(opening) || Math.abs(Math.log((opening / before) * shares)) < SPLIT_OPEN_TOLERANCE)
        return shares;
    }
  }
  return null;
}

/** Rows from which a price that never changes is called constant rather than stale. */
const CONSTANT_ROWS = 5;

export function staleFindings(panel: DefectPanel, present: readonly Int32Array[], shortest: number): QualityFinding[] {
  const runs = staleRuns(panel, present, Math.min(shortest, CONSTANT_ROWS));
  const toSample = (run: { asset: number; first: number; last: number; length: number }): FindingSample => ({
    asset: panel.assets[run.asset],
    date: panel.dates[run.first],
    value: run.length,
    note: `to ${panel.dates[run.last]}`,
  });
  const whole = runs.filter((run) => run.length === present[run.asset].length);
  const stale = runs.filter((run) => run.length >= shortest && run.length < present[run.asset].length);
  return [
    finding(
      'constant_prices',
      'error',
      'Assets whose price never changes',
      `${KEPT} Their variance is zero.`,
      whole.map(toSample),
    ),
    finding('stale_prices', 'warning', `Runs of ${shortest} or more identical closes`, KEPT, stale.map(toSample)),
  ];
}

const SATURDAY = 5;
/** Share of dates on the New York calendar from which it is taken to be the data's calendar. */
const NYSE_SHARE = 0.95;
/** Missing sessions from which a ticker may have been given to another company. */
const REUSE_GAP = 126;

/** Week-end and holiday rows, sessions without any row, gaps within the lives of assets, reuse of tickers. */
export function calendarFindings(
  panel: DefectPanel,
  present: readonly Int32Array[],
  days: Int32Array,
): QualityFinding[] {
  const rowsOn = new Int32Array(days.length);
  for (const rows of present) for (const t of rows) rowsOn[t]++;
  const dated = (t: number, note?: string): FindingSample => ({
    asset: '',
    date: panel.dates[t],
    value: rowsOn[t],
    ...(note === undefined ? {} : { note }),
  });
  const dates = Array.from(days.keys());
  const weekends = dates.filter((t) => weekdayOf(days[t]) >= SATURDAY);
  const nyse = days.reduce((count, day) => count + (isTradingDayNumber(day) ? 1 : 0), 0) >= NYSE_SHARE * days.length;
  const holidays = nyse ? dates.filter((t) => weekdayOf(days[t]) < SATURDAY && !isTradingDayNumber(days[t])) : [];
  const gaps = calendarGaps(present);
  const gapSample = (gap: (typeof gaps)[number]): FindingSample => ({
    asset: panel.assets[gap.asset],
    date: panel.dates[gap.first],
    value: gap.count,
    note: `to ${panel.dates[gap.last]}`,
  });
  return [
    finding(
      'weekend_rows',
      'warning',
      'Rows on Saturdays or Sundays',
      KEPT,
      weekends.map((t) => dated(t, 'rows on this date')),
      sum(weekends, rowsOn),
    ),
    finding(
      'holiday_rows',
      'warning',
      'Rows on New York holidays',
      KEPT,
      holidays.map((t) => dated(t, 'rows on this date')),
      sum(holidays, rowsOn),
    ),
    finding(
      'missing_sessions',
      'warning',
      'New York sessions without any row',
      'Left out of the calendar.',
      nyse ? missingSessions(days) : [],
    ),
    finding(
      'gaps',
      'warning',
      'Assets with dates missing within their life',
      'Left missing; nothing is filled in.',
      gaps.map(gapSample),
    ),
    finding(
      'ticker_reuse',
      'warning',
      `Assets that pause for ${REUSE_GAP} sessions or more: the ticker may have passed to another company`,
      KEPT,
      gaps
        .filter(({ longest }) => longest >= REUSE_GAP)
        .map((gap) => ({
          asset: panel.assets[gap.asset],
          date: panel.dates[gap.longestAfter + 1],
          value: gap.longest,
          note: 'sessions without a row',
        })),
    ),
  ];
}

function sum(dates: readonly number[], rowsOn: Int32Array): number {
  return dates.reduce((total, t) => total + rowsOn[t], 0);
}

function missingSessions(days: Int32Array): FindingSample[] {
  const have = new Set(days);
  const found: FindingSample[] = [];
  for (let day = days[0]; day <= days[days.length - 1]; day++) {
    if (!have.has(day) && isTradingDayNumber(day)) found.push({ asset: '', date: formatIsoDay(day), value: null });
  }
  return found;
}

/** Sessions by which a start or an end must be off to be called late or early. */
const LIFE_SLACK = 5;
const SHORT_HISTORY = 252;

/** Late starts, early ends, and what the data set lacks as a whole. */
export function lifeFindings(
  panel: DefectPanel,
  present: readonly Int32Array[],
  input: QualityInput,
): QualityFinding[] {
  const last = panel.dates.length - 1;
  const sampleAt = (asset: number, t: number, value: number): FindingSample => ({
    asset: panel.assets[asset],
    date: panel.dates[t],
    value,
  });
  const late: FindingSample[] = [];
  const early: FindingSample[] = [];
  present.forEach((rows, asset) => {
    if (rows[0] > LIFE_SLACK) late.push(sampleAt(asset, rows[0], rows[0]));
    if (rows[rows.length - 1] < last - LIFE_SLACK)
      early.push(sampleAt(asset, rows[rows.length - 1], last - rows[rows.length - 1]));
  });
  const survivors =
    !input.hasMembership && early.length === 0 && panel.assets.length > 1 && panel.dates.length > SHORT_HISTORY;
  const whole = (note: string): FindingSample[] => [{ asset: '', date: panel.dates[last], value: null, note }];
  return [
    finding(
      'late_start',
      'info',
      'Assets that start after the first date',
      'Not investable before their first row.',
      late,
    ),
    finding(
      'early_end',
      'info',
      'Assets that end before the last date (delisted or dropped)',
      'Treated as delisted after their last row.',
      early,
    ),
    finding(
      'survivorship',
      'warning',
      'Every asset survives to the end and no membership is given: results on such data look better than they were',
      'Every asset counts as investable on every date with prices. Add a membership file.',
      survivors ? whole('no asset ends early') : [],
    ),
    finding(
      'missing_benchmark',
      'warning',
      'No index series',
      'Runs compare with equal weight only. Add an index file.',
      input.hasBenchmark ? [] : whole('no benchmark'),
    ),
    finding(
      'short_history',
      'warning',
      `Less than ${SHORT_HISTORY} dates`,
      KEPT,
      panel.dates.length < SHORT_HISTORY ? whole(`${panel.dates.length} dates`) : [],
    ),
  ];
}
