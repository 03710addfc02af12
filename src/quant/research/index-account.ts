/** The benchmark as an account: an index bought once at the first fill, with the costs of that one purchase. */
import { AppError } from '#base/errors';
import { orderCost, type TradingCosts } from '../backtest/costs';

export interface IndexAccount {
  /** Net and gross value from the first decision on. */
  readonly equity: Float64Array;
  readonly gross: Float64Array;
  readonly exposure: Float64Array;
  /** Currency. */
  readonly cost: number;
}

/**
 * `levels` has one index level per row of the panel; a missing level keeps the last one.
 * Errors: INVALID_DATA where there is no positive level at or before the first fill.
 */
export function indexAccount(
  levels: Float64Array,
  options: {
    readonly startRow: number;
    readonly fillRow: number;
    readonly costs: TradingCosts;
    readonly initialCapital: number;
  },
): IndexAccount {
  const { startRow, fillRow, costs, initialCapital } = options;
  let level = NaN;
  for (let t = 0; t <= fillRow; t++) if (levels[t] > 0) level = levels[t];
  if (Number.isNaN(level)) {
    throw new AppError(
      'INVALID_DATA',
      'Expected a positive benchmark level by the first rebalance, found none. Import the index for the same dates or leave it out.',
    );
  }
  const entry = level;
  const cost = orderCost(initialCapital, costs);
  const days = levels.length - startRow;
  const equity = new Float64Array(days);
  const gross = new Float64Array(days);
  const exposure = new Float64Array(days);
  for (let day = 0; day < days; day++) {
    const t = startRow + day;
    const held = t >= fillRow;
    if (held && levels[t] > 0) level = levels[t];
    gross[day] = held ? (initialCapital * level) / entry : initialCapital;
    equity[day] = held ? ((initialCapital - cost) * level) / entry : initialCapital;
    exposure[day] = held ? 1 : 0;
  }
  return { equity, gross, exposure, cost };
}
