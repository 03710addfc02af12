/** What the risk, stress and factor kinds read: a complete return table and the weights held in it. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import type { PortfolioScenarios } from '../risk/portfolio-scenarios';
import type { CalcInput } from './kind';
import { readReturns, requireComplete, returnsParam, type ReturnTable } from './price-input';

export const tableShape = {
  returns: returnsParam,
  tickers: z.array(z.string()).min(1).optional().meta({ title: 'Assets', description: 'All columns where left out.' }),
  drop_rows_with_missing: z.boolean().default(false).meta({ title: 'Drop incomplete rows' }),
};

export const weightsParam = z
  .union([z.literal('equal'), z.record(z.string(), z.number())])
  .default('equal')
  .meta({ title: 'Weights', description: 'By ticker; a ticker left out weighs 0.' });

export const portfolioShape = { ...tableShape, weights: weightsParam };

export const groupsShape = {
  groups: z.record(z.string(), z.string()).optional().meta({ title: 'Group of each ticker' }),
};

type TableParams = z.infer<z.ZodObject<typeof tableShape>>;
type PortfolioParams = z.infer<z.ZodObject<typeof portfolioShape>>;

/** Errors: INVALID_DATA naming the first asset and day without a return. */
export function readScenarios(inputs: Readonly<Record<string, CalcInput>>, params: TableParams): ReturnTable {
  return requireComplete(
    readReturns(inputs, {
      returns: params.returns,
      dropRowsWithMissing: params.drop_rows_with_missing,
      ...(params.tickers && { tickers: params.tickers }),
    }),
  );
}

export interface PortfolioInput {
  readonly assets: readonly string[];
  readonly table: ReturnTable;
  readonly scenarios: PortfolioScenarios;
}

/** Errors: those of {@link readScenarios}; BAD_REQUEST for weights of unknown tickers. */
export function readPortfolio(inputs: Readonly<Record<string, CalcInput>>, params: PortfolioParams): PortfolioInput {
  const table = readScenarios(inputs, params);
  const { assets, X, T, N } = table;
  return { assets, table, scenarios: { returns: X, T, N, weights: weightsFor(assets, params.weights) } };
}

function weightsFor(assets: readonly string[], weights: PortfolioParams['weights']): Float64Array {
  if (weights === 'equal') return new Float64Array(assets.length).fill(1 / assets.length);
  const unknown = Object.keys(weights).find((ticker) => !assets.includes(ticker));
  if (unknown !== undefined) {
    throw new AppError('BAD_REQUEST', `Expected weights of known tickers, found "${unknown}".`);
  }
  return Float64Array.from(assets, (asset) => (Object.hasOwn(weights, asset) ? weights[asset] : 0));
}

/** One label per asset, '' where none is given. */
export function groupsOf(assets: readonly string[], groups: Readonly<Record<string, string>>): string[] {
  return assets.map((asset) => (Object.hasOwn(groups, asset) ? groups[asset] : ''));
}

/** Errors: BAD_REQUEST naming the tickers that are there. */
export function positionOf(assets: readonly string[], ticker: string): number {
  const position = assets.indexOf(ticker);
  if (position >= 0) return position;
  throw new AppError(
    'BAD_REQUEST',
    `Expected one of ${assets.slice(0, 20).join(', ')}, found "${ticker}". Name a column of the prices.`,
  );
}
