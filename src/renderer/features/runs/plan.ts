/** What a run will do, before it starts: folds on a timeline, from the span of the dataset and the window. An estimate by calendar. */

export interface PlanFold {
  /** Shares of the whole span, 0 to 1. */
  readonly trainFrom: number;
  readonly trainTo: number;
  readonly testFrom: number;
  readonly testTo: number;
}

export interface Plan {
  readonly folds: readonly PlanFold[];
  readonly firstTest: string;
  readonly strategies: number;
  /** Trading days that are tested. */
  readonly testDays: number;
}

export interface PlanInput {
  readonly first: string;
  readonly last: string;
  readonly mode: 'rolling' | 'expanding';
  /** Trading days. */
  readonly train: number;
  readonly refit: 'month' | 'quarter' | 'year';
  /** Trading days between the end of training and the test. */
  readonly purge: number;
  /** Trading days before the first training row: what features look back. Without a forecast there is no training. */
  readonly warmUp: number;
  readonly rebalance: 'week' | 'month' | 'quarter';
  readonly compared: number;
}

const DAY_MS = 86_400_000;
const TRADING_SHARE = 252 / 365.25;
const MONTHS = { month: 1, quarter: 3, year: 12 } as const;

/** The next rebalance at or after a time: first day of the next month or quarter, next Monday. */
function nextRebalance(time: number, every: PlanInput['rebalance']): number {
  const date = new Date(time);
  if (every === 'week') return time + ((8 - date.getUTCDay()) % 7) * DAY_MS;
  const months = every === 'month' ? 1 : 3 - (date.getUTCMonth() % 3);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
}
/** Equal weight and, where the dataset has one, the index. */
const BASELINES = 2;

/** Null where the span leaves nothing to test. */
export function planOf(input: PlanInput): Plan | null {
  const start = Date.parse(input.first);
  const end = Date.parse(input.last);
  const span = end - start;
  const ms = (tradingDays: number) => (tradingDays / TRADING_SHARE) * DAY_MS;
  const firstTest = nextRebalance(start + ms(input.warmUp + input.train + input.purge), input.rebalance);
  if (!(span > 0) || firstTest >= end) return null;
  const share = (time: number) => (time - start) / span;
  const folds: PlanFold[] = [];
  const step = (MONTHS[input.refit] * 365.25 * DAY_MS) / 12;
  for (let test = firstTest; test < end; test += step) {
    const trainTo = test - ms(input.purge);
    folds.push({
      trainFrom: input.mode === 'expanding' ? 0 : share(trainTo - ms(input.train)),
      trainTo: share(trainTo),
      testFrom: share(test),
      testTo: Math.min(share(test + step), 1),
    });
  }
  return {
    folds,
    firstTest: new Date(firstTest).toISOString().slice(0, 10),
    strategies: 1 + input.compared + BASELINES,
    testDays: Math.round(((end - firstTest) / DAY_MS) * TRADING_SHARE),
  };
}
