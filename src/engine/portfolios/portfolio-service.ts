/** Portfolios as the contract shows them, and the trades from what is held to what is wanted. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { constraintCheckSchema, portfolioSchema, type Portfolio } from '#contract/portfolios';
import type { RunConfig } from '#contract/runs';
import { tradesToTargets } from '#quant/trading/trades';
import type { PortfolioRow, PortfolioTable } from './portfolio-table';

const documentSchema = z.object({
  cash: z.number(),
  checks: z.array(constraintCheckSchema),
  weights: portfolioSchema.shape.weights,
});

export interface PortfolioServiceOptions {
  readonly table: PortfolioTable;
  configOf(run: string): RunConfig;
}

export interface TradeRequest {
  readonly portfolio: string;
  readonly holdings: readonly { readonly asset: string; readonly shares: number }[];
  readonly cash: number;
  readonly lot: number;
}

export function createPortfolioService({ table, configOf }: PortfolioServiceOptions) {
  function row(ref: string): PortfolioRow {
    const found = table.find(ref);
    if (found === undefined) {
      throw new AppError(
        'NOT_FOUND',
        `Expected a portfolio or run "${ref}", found none. List portfolios with: sextant portfolios list.`,
      );
    }
    return found;
  }

  const heading = (found: PortfolioRow) => ({
    id: found.id,
    run: found.run,
    runName: found.run_name,
    strategy: found.strategy,
    createdAt: new Date(found.created_at).toISOString(),
    decidedOn: found.decided_on,
    fillOn: found.fill_on,
  });

  function show(ref: string): Portfolio {
    const found = row(ref);
    const document = documentSchema.parse(JSON.parse(found.document));
    return { ...heading(found), constraints: configOf(found.run).model.constraints, ...document };
  }

  function trades({ portfolio: ref, holdings, cash, lot }: TradeRequest) {
    const portfolio = show(ref);
    const { costs } = configOf(portfolio.run).backtest;
    const held = new Map<string, number>();
    for (const { asset, shares } of holdings) held.set(asset, (held.get(asset) ?? 0) + shares);
    const {
      trades: list,
      unknown,
      ...totals
    } = tradesToTargets({
      targets: new Map(portfolio.weights.map(({ asset, weight }) => [asset, weight])),
      prices: new Map(portfolio.weights.map(({ asset, price }) => [asset, price])),
      holdings: held,
      cash,
      lot,
      costRate: (costs.bps + costs.halfSpreadBps) / 10_000,
      minimumCost: costs.minimum,
    });
    return { ...totals, trades: [...list], unknown: [...unknown] };
  }

  return {
    show,
    trades,
    list(limit: number, offset: number) {
      const { rows, total } = table.list(limit, offset);
      return { portfolios: rows.map(heading), total };
    },
  };
}
export type PortfolioService = ReturnType<typeof createPortfolioService>;
