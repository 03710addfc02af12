/** What a stored list of orders is to others: its plan, the hash that is signed, an amended plan, and the answer of the contract. Pure. */
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import { orderPlanSchema, type Order, type OrderList, type OrderListHeading, type OrderPlan } from '#contract/orders';
import { sha256 } from '../store/sha256';
import type { ListRow, OrderRow } from './order-table';

export const hashOfPlan = (plan: OrderPlan): string => sha256(canonicalJson(plan));

export const planOf = (list: ListRow): OrderPlan => orderPlanSchema.parse(JSON.parse(list.plan));
const instant = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** The plan with one order lowered or removed, and its totals. Errors: NOT_FOUND, INVALID_DATA. */
export function amended(plan: OrderPlan, asset: string, shares: number): OrderPlan {
  const found = plan.orders.find((order) => order.asset === asset);
  if (found === undefined) throw new AppError('NOT_FOUND', `Expected an order of ${asset} in the list, found none.`);
  const { lot } = plan.rules;
  if (shares > found.shares || Math.abs(shares / lot - Math.round(shares / lot)) > 1e-9) {
    throw new AppError(
      'INVALID_DATA',
      `Expected at most ${found.shares} shares of ${asset} in lots of ${lot}, found ${shares}.`,
    );
  }
  const share = shares / found.shares;
  const next = {
    ...found,
    shares,
    notional: found.notional * share,
    cost: found.cost * share,
    advShare: found.advShare === null ? null : found.advShare * share,
    note: 'amended',
  };
  const orders = plan.orders.flatMap((order) => (order !== found ? [order] : shares > 0 ? [next] : []));
  const signed = orders.reduce((sum, { side, notional }) => sum + (side === 'buy' ? notional : -notional), 0);
  const cost = orders.reduce((sum, order) => sum + order.cost, 0);
  const cashAfter = plan.cashBefore - signed - cost;
  if (cashAfter < Math.min(0, plan.cashBefore) - 1e-6) {
    throw new AppError(
      'INVALID_DATA',
      `Expected cash of at least 0 after the list, found ${cashAfter.toFixed(2)}: its buys need the sale of ${asset}. Lower a buy first.`,
    );
  }
  const turnover = orders.reduce((sum, order) => sum + order.notional, 0) / (2 * plan.netAssetValue);
  return { ...plan, orders, cost, cashAfter, turnover };
}

export function toHeading(row: ListRow): OrderListHeading {
  const { id, portfolio, account, broker, state, reason } = row;
  const plan = planOf(row);
  return {
    id,
    portfolio,
    runName: plan.runName,
    account,
    broker,
    state,
    contentHash: row.content_hash,
    proposedBy: row.proposed_by,
    proposedAt: new Date(row.proposed_at).toISOString(),
    approvedBy: row.approved_by,
    approvedAt: instant(row.approved_at),
    releasedBy: row.released_by,
    releasedAt: instant(row.released_at),
    reason,
    planned: plan.orders.length,
  };
}

const toOrder = (row: OrderRow): Order => ({
  order: row.id,
  asset: row.asset,
  side: row.side,
  shares: row.shares,
  filled: row.filled,
  averagePrice: row.filled > 0 ? row.notional / row.filled : null,
  state: row.state,
  cancelRequested: row.cancel_requested === 1,
  reason: row.reason,
  updatedAt: new Date(row.updated_at).toISOString(),
});

export const toList = (row: ListRow, orders: readonly OrderRow[]): OrderList => ({
  ...toHeading(row),
  plan: planOf(row),
  orders: orders.map(toOrder),
});
