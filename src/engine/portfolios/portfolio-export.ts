/** The weights of a portfolio as CSV for a spreadsheet or an execution tool. */
import { toCsv } from '#base/csv';
import type { Portfolio } from '#contract/portfolios';

export function portfolioCsv(portfolio: Portfolio): string {
  const rows = portfolio.weights
    .filter(({ weight }) => weight !== 0)
    .sort((a, b) => b.weight - a.weight || (a.asset < b.asset ? -1 : 1))
    .map(({ asset, sector, weight, forecast, price, lower, upper }) => [
      asset,
      sector,
      weight,
      forecast,
      price,
      lower,
      upper,
    ]);
  return toCsv(['asset', 'sector', 'weight', 'forecast', 'price', 'lower_bound', 'upper_bound'], rows);
}
