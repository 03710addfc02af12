/**
 * `paper-trade` and `evaluate`: what would have been traded at the next bar, with costs, and how the account does against what the
 * backtest promised. A fill is written once for each portfolio and account and never changes.
 */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { tradesToTargets } from '#quant/trading/trades';
import { fillSchema, type Fill } from '#engine/paper/paper-table';
import { NothingToDo, step, type FlowDefinition } from '../flow';
import type { FlowServices } from '../flow-services';

const account = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,59}$/)
  .default('paper')
  .meta({ title: 'Paper account' });

const tradeParams = z.strictObject({
  account,
  portfolio: z.string().min(1).max(300).default('latest').meta({ title: 'Portfolio or run' }),
  capital: z
    .number()
    .gt(0)
    .default(1_000_000)
    .meta({ title: 'Capital', unit: 'currency', description: 'Of a new account.' }),
});
type TradeParams = z.infer<typeof tradeParams>;

/** Closes of the newest version of a dataset's name on its first day at or after `from`; null where there is none yet. */
async function closesFrom({ datasets }: FlowServices, dataset: string, from: string) {
  const { name } = datasets.find(dataset);
  const { dates, assets } = await datasets.index(name);
  const row = dates.findIndex((date) => date >= from);
  const closes = await datasets.field(name, 'close');
  if (row < 0 || closes === undefined) return null;
  const prices = new Map<string, number>();
  assets.forEach((asset, i) => {
    const price = closes[row * assets.length + i];
    if (price > 0) prices.set(asset, price);
  });
  return { date: dates[row], prices };
}

export function paperTradeFlow(services: FlowServices): FlowDefinition<TradeParams> {
  const { paper, portfolios, runs } = services;
  const fill = step<TradeParams, typeof fillSchema>({
    id: 'fill',
    title: 'Fill at the next bar',
    output: fillSchema,
    perform: async ({ params, now }) => {
      const { id, run, fillOn, weights } = portfolios.show(params.portfolio);
      if (paper.hasFilled(params.account, id)) {
        throw new NothingToDo(`The account ${params.account} has filled the portfolio ${id} already.`);
      }
      const { config } = runs.show(run);
      const bar = await closesFrom(services, config.data.dataset, fillOn);
      if (bar === null) throw new NothingToDo(`There is no bar on or after ${fillOn} yet. Ingest newer prices.`);
      const before = paper.lastFill(params.account);
      const held = new Map(before?.holdings.map(({ asset, shares }) => [asset, shares]) ?? []);
      const { costs } = config.backtest;
      const list = tradesToTargets({
        targets: new Map(weights.map(({ asset, weight }) => [asset, weight])),
        prices: bar.prices,
        holdings: held,
        cash: before?.cash ?? params.capital,
        lot: 1,
        costRate: (costs.bps + costs.halfSpreadBps) / 10_000,
        minimumCost: costs.minimum,
      });
      for (const { asset, side, shares } of list.trades) {
        held.set(asset, (held.get(asset) ?? 0) + (side === 'buy' ? shares : -shares));
      }
      const document: Fill = {
        portfolio: id,
        filledOn: bar.date,
        trades: list.trades.length,
        cost: list.cost,
        netAssetValue: list.netAssetValue - list.cost,
        cash: list.cashAfter,
        holdings: [...held].filter(([, shares]) => shares !== 0).map(([asset, shares]) => ({ asset, shares })),
      };
      return () => {
        paper.insertFill(params.account, now(), document);
        return document;
      };
    },
  });
  return {
    flow: 'paper-trade',
    title: 'Paper trade',
    summary:
      'Fills the newest target weights of an account at the first bar after the decision, with costs. No order leaves.',
    atOnce: 1,
    params: tradeParams,
    steps: [fill],
  };
}

const evaluateParams = z.strictObject({ account });
type EvaluateParams = z.infer<typeof evaluateParams>;
const evaluationSchema = z.object({
  account: z.string(),
  from: z.string(),
  to: z.string(),
  days: z.number(),
  realized: z.number(),
  /** What the backtest's mean gives for as many days, and two of its deviations around it. */
  expected: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  inside: z.boolean().nullable(),
});
const TRADING_DAYS = 252;

export function evaluateFlow(services: FlowServices): FlowDefinition<EvaluateParams> {
  const { paper, datasets, portfolios, runs } = services;
  const compare = step<EvaluateParams, typeof evaluationSchema>({
    id: 'compare',
    title: 'Compare with what the backtest promised',
    output: evaluationSchema,
    perform: async ({ params, now }) => {
      const fill = paper.lastFill(params.account);
      if (fill === null)
        throw new NothingToDo(`The account ${params.account} has no fill yet. Run the flow paper-trade.`);
      const run = runs.show(portfolios.show(fill.portfolio).run);
      const { name } = datasets.find(run.config.data.dataset);
      const { dates } = await datasets.index(name);
      const to = dates[dates.length - 1];
      const days = dates.filter((date) => date > fill.filledOn).length;
      if (days === 0) throw new NothingToDo(`There is no day after the fill on ${fill.filledOn} yet.`);
      const last = await closesFrom(services, name, to);
      const missing = fill.holdings.filter(({ asset }) => last?.prices.has(asset) !== true);
      if (last === null || missing.length > 0) {
        throw new AppError(
          'INVALID_DATA',
          `Expected a close of every holding on ${to}, found none of ${missing.map(({ asset }) => asset).join(', ')}.`,
        );
      }
      const worth = fill.holdings.reduce(
        (sum, { asset, shares }) => sum + shares * (last.prices.get(asset) ?? 0),
        fill.cash,
      );
      const realized = worth / fill.netAssetValue - 1;
      const metrics = run.strategies.find(({ role }) => role === 'primary')?.metrics;
      const annual = metrics?.cagr?.value ?? null;
      const deviation = metrics?.volatility?.value ?? null;
      const share = days / TRADING_DAYS;
      const expected = annual === null ? null : (1 + annual) ** share - 1;
      const spread = deviation === null ? null : 2 * deviation * Math.sqrt(share);
      const known = expected !== null && spread !== null;
      const document = {
        account: params.account,
        from: fill.filledOn,
        to,
        days,
        realized,
        expected,
        low: known ? expected - spread : null,
        high: known ? expected + spread : null,
        inside: known ? Math.abs(realized - expected) <= spread : null,
      };
      return () => {
        paper.insertEvaluation(params.account, now(), document);
        return document;
      };
    },
  });
  return {
    flow: 'evaluate',
    title: 'Evaluate',
    summary: 'Marks a paper account to the last close and says whether it is where the backtest said it would be.',
    atOnce: 1,
    params: evaluateParams,
    steps: [compare],
  };
}
