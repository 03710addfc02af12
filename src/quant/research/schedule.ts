/**
 * When a research run decides and refits. Decisions are the last trading rows of calendar periods; models are refitted at the first
 * decision of every refit period, on rows whose labels have ended by then.
 */
import { AppError } from '#base/errors';
import { periodEndRows, periodKey } from '../calendar/rebalance-dates';
import type { BacktestConfig } from './config';

/** Rows that a forecast needs before its first decision; all zero where no strategy forecasts. */
export interface ForecastNeeds {
  /** First row on which an asset has all its features. */
  readonly warmUp: number;
  readonly horizon: number;
}

export interface Fit {
  readonly fitRow: number;
  readonly firstTrainRow: number;
  readonly lastTrainRow: number;
  /** First and last decision made with this fit. */
  readonly firstTestRow: number;
  readonly lastTestRow: number;
}

export interface Schedule {
  /** Decisions that are filled within the data, ascending. */
  readonly decisionRows: readonly number[];
  /** The last row: where the next portfolio is decided. */
  readonly finalRow: number;
  /** Per decision: the tranches that decide on that row. All of them do on the first; [0] throughout where there is one. */
  readonly due: readonly (readonly number[])[];
}

/** Usual rows of a rebalance period; tranches are spread over them. */
export const PERIOD_ROWS = { week: 5, month: 21, quarter: 63 } as const;

/** Rows between the last training row and the fit: at least horizon + lag, so that every label is known. */
function effectivePurge(config: BacktestConfig, horizon: number): number {
  const least = horizon + config.lag;
  const purge = config.purge ?? least;
  if (purge < least) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected a purge of at least ${least} trading days (horizon ${horizon} + lag ${config.lag}), found ${purge}. ` +
        'A shorter one would train on labels that are not known yet: raise backtest.purge or leave it out.',
      { data: { path: 'backtest.purge', least, found: purge } },
    );
  }
  return purge;
}

/** Rows of history before the first decision. */
export function historyNeeded(config: BacktestConfig, forecast: ForecastNeeds | null): number {
  if (forecast === null) return config.lookback;
  const training =
    forecast.warmUp + config.window.train + effectivePurge(config, forecast.horizon) + config.embargo - 1;
  return Math.max(config.lookback, training);
}

/** Errors: NOT_ENOUGH_DATA with the rows needed and found. */
export function planSchedule(
  dates: readonly string[],
  config: BacktestConfig,
  needed: number,
  reason: string,
): Schedule {
  const period = PERIOD_ROWS[config.rebalance];
  if (config.tranches > period) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected at most ${period} tranches for a rebalance every ${config.rebalance}, found ${config.tranches}. Lower backtest.tranches.`,
      { data: { path: 'backtest.tranches', most: period, found: config.tranches } },
    );
  }
  const due = new Map<number, number[]>();
  const ends = periodEndRows(dates, config.rebalance);
  for (let tranche = 0; tranche < config.tranches; tranche++) {
    const offset = Math.floor((tranche * period) / config.tranches);
    for (const end of ends) {
      const row = end + offset;
      if (row >= needed && row + config.lag < dates.length) due.set(row, [...(due.get(row) ?? []), tranche]);
    }
  }
  const decisionRows = [...due.keys()].sort((a, b) => a - b);
  if (decisionRows.length < 2) {
    const least = needed + 3 * period;
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least about ${least} trading days (${reason}, then two rebalances by ${config.rebalance}), found ${dates.length}` +
        `${dates.length > 0 ? ` from ${dates[0]} to ${dates[dates.length - 1]}` : ''}. ` +
        'Import a longer history or shorten backtest.window.train, backtest.lookback or model.horizon.',
      { data: { needed: least, found: dates.length } },
    );
  }
  const all = Array.from({ length: config.tranches }, (_, tranche) => tranche);
  return {
    decisionRows,
    finalRow: dates.length - 1,
    due: decisionRows.map((row, k) => (k === 0 ? all : (due.get(row) ?? []))),
  };
}

/** Groups decisions (the final one included) by refit period and states the training rows of each fit. */
export function planFits(
  dates: readonly string[],
  schedule: Schedule,
  config: BacktestConfig,
  needs: ForecastNeeds,
): Fit[] {
  const gap = effectivePurge(config, needs.horizon) + config.embargo;
  const fits: Fit[] = [];
  let key = NaN;
  for (const row of [...schedule.decisionRows, schedule.finalRow]) {
    const current = periodKey(dates[row], config.window.refit);
    const last = fits[fits.length - 1];
    if (last && current === key) {
      fits[fits.length - 1] = { ...last, lastTestRow: row };
      continue;
    }
    key = current;
    const lastTrainRow = row - gap;
    fits.push({
      fitRow: row,
      firstTrainRow: config.window.mode === 'rolling' ? lastTrainRow - config.window.train + 1 : needs.warmUp,
      lastTrainRow,
      firstTestRow: row,
      lastTestRow: row,
    });
  }
  return fits;
}
