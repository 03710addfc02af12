/** The measures of a result that tables and figures show: name in the run, heading, how it is written. */
import type { Measure } from '#contract/fields';
import type { Run } from '#contract/runs';
import { decimal, percent, probability } from '#renderer/format';

export type StrategyResult = Run['strategies'][number];

export const SHARPE = 'sharpe';
export const PSR = 'psr';
export const CAGR = 'cagr';
export const VOLATILITY = 'volatility';
export const DRAWDOWN = 'max_drawdown';
export const TURNOVER = 'turnover';
export const COST = 'cost';

export interface MeasureColumn {
  readonly name: string;
  readonly title: string;
  readonly format: (value: number) => string;
  /** Interval under the value. */
  readonly interval?: boolean;
}

export const RESULT_COLUMNS: readonly MeasureColumn[] = [
  { name: SHARPE, title: 'Sharpe', format: (value) => decimal(value), interval: true },
  { name: PSR, title: 'PSR', format: probability },
  { name: CAGR, title: 'Return / yr', format: (value) => percent(value, 1, true) },
  { name: VOLATILITY, title: 'Volatility', format: (value) => percent(value) },
  { name: DRAWDOWN, title: 'Max drawdown', format: (value) => percent(value) },
  { name: 'sortino', title: 'Sortino', format: (value) => decimal(value) },
  { name: 'calmar', title: 'Calmar', format: (value) => decimal(value) },
  { name: TURNOVER, title: 'Turnover', format: (value) => percent(value, 0) },
  { name: COST, title: 'Cost / yr', format: (value) => percent(value, 2) },
];

export const measureOf = (strategy: StrategyResult, name: string): Measure | undefined => strategy.metrics[name];

/** How a measure is written that is known by name only. */
export function formatOf(name: string): (value: number) => string {
  const known = RESULT_COLUMNS.find((column) => column.name === name);
  if (known !== undefined) return known.format;
  return /return|drawdown|volatility|cvar|var_|deviation|rate|best|worst|cost|turnover|cagr/.test(name)
    ? (value) => percent(value, 2)
    : (value) => decimal(value, 3);
}
