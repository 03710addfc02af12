/** The operations of `contract/portfolios.ts`. */
import type { HandlersOf } from '../api/handlers';
import { portfolioCsv } from './portfolio-export';
import type { PortfolioService } from './portfolio-service';

export function createPortfolioHandlers(portfolios: PortfolioService): HandlersOf<'portfolios'> {
  return {
    list: async ({ limit, offset }) => portfolios.list(limit, offset),
    show: async ({ portfolio }) => portfolios.show(portfolio),
    trades: async (input) => portfolios.trades(input),
    export: async ({ portfolio: ref }) => {
      const portfolio = portfolios.show(ref);
      return {
        filename: `weights-${portfolio.fillOn}-${portfolio.id}.csv`,
        mediaType: 'text/csv',
        text: portfolioCsv(portfolio),
      };
    },
  };
}
