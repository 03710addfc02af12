/**
 * The paper broker: fills open orders at the bars behind the decision, with the costs of the run's backtest. Of an asset at most the allowed
 * share of its average daily volume is filled a day; what is left waits for the next bar. Cash is never overdrawn: sells of a day come first.
 */
import type { OrderPlan } from '#contract/orders';
import { orderPlanSchema } from '#contract/orders';
import type { RunConfig } from '#contract/runs';
import { orderCost } from '#quant/backtest/costs';
import { LIQUIDITY_WINDOW } from '#quant/backtest/liquidity';
import type { DatasetService } from '../datasets/dataset-service';
import type { HoldingsService } from '../holdings/holdings-service';
import type { ExecutionRow, ListRow, OrderRow, OrderTable } from '../orders/order-table';
import { isOpen } from '../orders/order-table';
import type { PaperTable } from '../paper/paper-table';
import { inTransaction, type Database } from '../store/database';
import type { Broker, Execution } from './broker';

export interface PaperBrokerOptions {
  readonly database: Database;
  readonly orders: OrderTable;
  readonly datasets: Pick<DatasetService, 'find' | 'index' | 'field'>;
  readonly holdings: Pick<HoldingsService, 'show' | 'find' | 'write'>;
  readonly paper: Pick<PaperTable, 'insertFill' | 'hasFilled'>;
  configOf(run: string): RunConfig;
  execute(execution: Execution): boolean;
  now(): number;
}

/** Days after the first bar on which what is still open expires. */
const MOST_BARS = 21;

export function createPaperBroker(options: PaperBrokerOptions) {
  const { database, orders, datasets, holdings, paper, configOf, execute, now } = options;

  const broker: Broker = {
    name: 'paper',
    submit: () => undefined,
    cancel: () => 'cancelled',
    replace: () => undefined,
    flush: () => undefined,
  };

  async function barsOf(plan: OrderPlan, config: RunConfig) {
    const { name } = datasets.find(config.data.dataset);
    const { dates, assets } = await datasets.index(name);
    const close = await datasets.field(name, 'close');
    const volume = await datasets.field(name, 'volume');
    const column = new Map(assets.map((asset, i) => [asset, i]));
    const n = assets.length;
    return {
      days: dates.flatMap((date, row) => (date >= plan.fillOn && date > plan.decidedOn ? [{ date, row }] : [])),
      price: (asset: string, row: number) => close?.[row * n + (column.get(asset) ?? NaN)] ?? NaN,
      /** Average daily shares up to the day before; infinite where no volume is known. */
      dailyShares(asset: string, row: number): number {
        const i = column.get(asset);
        if (volume === undefined || i === undefined) return Infinity;
        let sum = 0;
        let days = 0;
        for (let t = Math.max(0, row - LIQUIDITY_WINDOW); t < row; t++) {
          const traded = volume[t * n + i];
          if (!(traded >= 0)) continue;
          sum += traded;
          days += 1;
        }
        return days > 0 ? sum / days : Infinity;
      },
    };
  }
  type Bars = Awaited<ReturnType<typeof barsOf>>;

  /** One bar of one list, in one transaction. @returns how many executions */
  function fillDay(
    list: ListRow,
    plan: OrderPlan,
    config: RunConfig,
    bars: Bars,
    day: { date: string; row: number },
  ): number {
    const { costs } = config.backtest;
    return inTransaction(database, () => {
      let count = 0;
      let cash = cashOf(plan, list.id);
      const all = orders.ordersOf(list.id).filter((order) => isOpen(order) && (order.last_bar ?? '') < day.date);
      for (const order of [...all.filter(({ side }) => side === 'sell'), ...all.filter(({ side }) => side === 'buy')]) {
        orders.updateOrder({ ...order, last_bar: day.date, updated_at: now() });
        const price = bars.price(order.asset, day.row);
        if (!(price > 0)) continue;
        const wanted = order.shares - order.filled;
        const { lot, maxAdvShare } = plan.rules;
        const most = maxAdvShare === null ? Infinity : maxAdvShare * bars.dailyShares(order.asset, day.row);
        const affordable = order.side === 'sell' ? Infinity : affordableShares(cash, price, costs);
        const limit = Math.min(most, affordable);
        const shares = limit >= wanted ? wanted : Math.floor(limit / lot + 1e-9) * lot;
        if (!(shares > 0)) continue;
        const cost = orderCost(shares * price, costs);
        cash += (order.side === 'sell' ? shares : -shares) * price - cost;
        execute({
          broker: 'paper',
          execution: `${order.id}:${day.date}`,
          order: order.id,
          kind: shares >= wanted ? 'fill' : 'partial-fill',
          shares,
          price,
          cost,
          reason: null,
        });
        count += 1;
      }
      return count;
    });
  }

  /** Cash of the account before the list, and what its executions brought and took. */
  function cashOf(plan: OrderPlan, list: string): number {
    const sides = new Map(orders.ordersOf(list).map(({ id, side }) => [id, side]));
    return orders
      .executionsOf(list)
      .reduce(
        (cash, { order_id, shares, price, cost }) =>
          cash + (sides.get(order_id) === 'sell' ? shares : -shares) * (price ?? 0) - cost,
        plan.cashBefore,
      );
  }

  function expire(list: ListRow): void {
    for (const order of orders.ordersOf(list.id).filter(isOpen)) {
      execute({
        broker: 'paper',
        execution: `${order.id}:expired`,
        order: order.id,
        kind: 'expired',
        shares: 0,
        price: null,
        cost: 0,
        reason: `not filled within ${MOST_BARS} bars`,
      });
    }
  }

  let advancing: Promise<{ executions: number; open: number }> = Promise.resolve({ executions: 0, open: 0 });

  async function advanceAll(): Promise<{ executions: number; open: number }> {
    let executions = 0;
    const lists = new Set(orders.openOrders().map(({ list }) => list));
    for (const id of lists) {
      const list = orders.find(id);
      if (list?.broker !== 'paper') continue;
      const plan = orderPlanSchema.parse(JSON.parse(list.plan));
      const config = configOf(plan.run);
      const bars = await barsOf(plan, config);
      for (const day of bars.days.slice(0, MOST_BARS)) executions += fillDay(list, plan, config, bars, day);
      if (bars.days.length >= MOST_BARS) inTransaction(database, () => expire(list));
    }
    const open = orders.openOrders().filter(({ list }) => orders.find(list)?.broker === 'paper').length;
    return { executions, open };
  }

  return {
    ...broker,
    /** One after the other: two advances at once would read the same bars. */
    advance: () => (advancing = advancing.catch(() => undefined).then(advanceAll)),
    /** The list is done: what the account holds now is a new book, and the paper account's fill. Within the transaction. */
    ended(list: ListRow, rows: readonly OrderRow[], executions: readonly ExecutionRow[]): void {
      if (list.broker !== 'paper' || executions.every(({ price }) => price === null)) return;
      const plan = orderPlanSchema.parse(JSON.parse(list.plan));
      const filledOn = rows.reduce(
        (day, { last_bar, filled }) => (filled > 0 && last_bar !== null && last_bar > day ? last_bar : day),
        plan.fillOn,
      );
      const before = holdings.show(list.account);
      const held = new Map(before.positions.map(({ asset, shares }) => [asset, shares]));
      for (const { asset, side, filled } of rows) {
        if (filled > 0) held.set(asset, (held.get(asset) ?? 0) + (side === 'buy' ? filled : -filled));
      }
      const positions = [...held]
        .filter(([, shares]) => shares !== 0)
        .map(([asset, shares]) => ({ asset, shares, line: null }));
      const cash = cashOf(plan, list.id);
      holdings.write({
        account: list.account,
        asOf: filledOn > before.asOf ? filledOn : before.asOf,
        currency: before.currency,
        cash,
        positions,
        source: `paper fills of ${list.id}`,
        actor: 'sextant',
      });
      if (paper.hasFilled(list.account, list.portfolio)) return;
      const cost = executions.reduce((sum, execution) => sum + execution.cost, 0);
      const average = new Map(
        rows.filter(({ filled }) => filled > 0).map(({ asset, notional, filled }) => [asset, notional / filled]),
      );
      const planned = new Map(plan.orders.map(({ asset, price }) => [asset, price]));
      const worth = positions.reduce(
        (sum, { asset, shares }) => sum + shares * (average.get(asset) ?? planned.get(asset) ?? 0),
        cash,
      );
      paper.insertFill(list.account, now(), {
        portfolio: list.portfolio,
        filledOn,
        trades: rows.filter(({ filled }) => filled > 0).length,
        cost,
        netAssetValue: worth,
        cash,
        holdings: positions.map(({ asset, shares }) => ({ asset, shares })),
      });
    },
  };
}
export type PaperBroker = ReturnType<typeof createPaperBroker>;

/** Shares that cash pays for, with their cost: f·(1 + rate) ≤ cash, where the least fee is set aside first. */
function affordableShares(cash: number, price: number, costs: RunConfig['backtest']['costs']): number {
  const rate = (costs.bps + costs.halfSpreadBps) * 1e-4;
  return Math.max(0, (cash - costs.minimum) / (price * (1 + rate)));
}
