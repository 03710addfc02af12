/** The path of a paper account after its last fill of a run's weights: the shares that were filled, at each day's close since. */
import type { DatasetService } from '../datasets/dataset-service';
import type { PaperTable } from './paper-table';

export interface PaperRecord {
  readonly source: string;
  readonly dates: readonly string[];
  readonly values: readonly number[];
}

/**
 * Null where no account has filled a portfolio of the run by `at` (UTC milliseconds). Ends where the account is filled anew; a holding
 * without a close keeps its last one. `dataset` is the name whose newest version has the closes.
 */
export async function paperRecord(
  table: PaperTable,
  datasets: Pick<DatasetService, 'index' | 'field'>,
  asked: { readonly run: string; readonly dataset: string; readonly at: number },
): Promise<PaperRecord | null> {
  const filled = table.lastFillOf(asked.run, asked.at);
  if (filled === null) return null;
  const { account, fill } = filled;
  const { dates, assets } = await datasets.index(asked.dataset);
  const closes = await datasets.field(asked.dataset, 'close');
  if (closes === undefined) return null;
  const until = table.nextFillAfter(account, fill.filledOn);
  const held = fill.holdings.map(({ asset, shares }) => ({ column: assets.indexOf(asset), shares, price: 0 }));
  const path: { date: string; value: number }[] = [];
  for (const [row, date] of dates.entries()) {
    if (until !== null && date >= until) break;
    for (const holding of held) {
      const close = holding.column < 0 ? NaN : closes[row * assets.length + holding.column];
      if (close > 0) holding.price = close;
    }
    if (date < fill.filledOn) continue;
    const worth = held.reduce((sum, { shares, price }) => sum + shares * price, fill.cash);
    path.push({ date, value: worth });
  }
  return {
    source: `paper account ${account}`,
    dates: path.map(({ date }) => date),
    values: path.map(({ value }) => value),
  };
}
