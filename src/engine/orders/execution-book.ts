/**
 * What brokers tell of orders: each execution counts once, whatever order they come in and however often, and is published with the change.
 * Fills are facts: they are booked also on a cancelled order, and one beyond what was ordered is booked and warned of.
 */
import type { OrderState } from '#contract/orders';
import type { Raise } from '../alerts/alert-service';
import type { Execution } from '../brokers/broker';
import { inTransaction, type Database } from '../store/database';
import type { Publish } from '../topics/outbox';
import { isOpen, type ExecutionRow, type ListRow, type OrderRow, type OrderTable } from './order-table';

export type ListEnded = (list: ListRow, orders: readonly OrderRow[], executions: readonly ExecutionRow[]) => void;

export interface ExecutionBookOptions {
  readonly database: Database;
  readonly table: OrderTable;
  readonly publish: Publish;
  readonly raise: Raise;
  readonly onEnded: ListEnded;
  now(): number;
  onChange(list: string): void;
}

/** Shares that count as nothing. */
const TINY = 1e-9;

function stateAfter(order: OrderRow, { kind }: Execution, filled: number, ordered: number): OrderState {
  if (filled >= ordered - TINY) return 'filled';
  switch (kind) {
    case 'cancelled':
    case 'rejected':
    case 'expired':
      return kind;
    case 'fill':
    case 'partial-fill':
      return isOpen(order) ? 'partially-filled' : order.state;
    case 'new':
      return order.state === 'sent' ? 'working' : order.state;
    case 'replaced':
      return order.state;
  }
}

export function createExecutionBook({ database, table, publish, raise, onEnded, now, onChange }: ExecutionBookOptions) {
  /** Within a transaction. */
  function tell(order: OrderRow, event: Execution['kind'], shares: number | null, price: number | null): void {
    const list = table.find(order.list);
    publish('orders.execution', {
      order: order.id,
      portfolio: list?.portfolio ?? null,
      venue: list?.broker ?? '',
      asset: order.asset,
      side: order.side,
      event,
      ordered: order.shares,
      filled: order.filled,
      lastShares: shares,
      lastPrice: price,
      averagePrice: order.filled > 0 ? order.notional / order.filled : null,
      reason: order.reason,
      at: new Date(now()).toISOString(),
    });
  }

  /** Within a transaction. */
  function endIfDone(id: string): void {
    const list = table.find(id);
    const orders = table.ordersOf(id);
    if (list?.state !== 'released' || orders.some(isOpen)) return;
    table.updateList({ ...list, state: 'done' });
    onEnded({ ...list, state: 'done' }, orders, table.executionsOf(id));
  }

  /** @returns false where it is known already, or about an order that is not ours; the latter raises an alert */
  function execute(execution: Execution): boolean {
    const { broker, kind, shares, price } = execution;
    const list = inTransaction(database, () => {
      const order = table.order(execution.order);
      if (order === undefined || table.find(order.list)?.broker !== broker) {
        raise({
          rule: 'orders.unknown',
          severity: 'error',
          subject: execution.order,
          message: `Expected an execution of an order that was sent to ${broker}, found ${kind} of ${execution.order}. Ask the broker.`,
        });
        return null;
      }
      const isNew = table.insertExecution({
        broker,
        execution: execution.execution,
        order_id: order.id,
        kind,
        shares,
        price,
        cost: execution.cost,
        at: now(),
      });
      if (!isNew) return null;
      const filled = order.filled + shares;
      const ordered = execution.ordered ?? order.shares;
      if (filled > ordered + TINY) {
        raise({
          rule: 'orders.overfill',
          severity: 'critical',
          subject: order.id,
          message: `Expected at most ${ordered} shares of ${order.asset} filled, found ${filled}. Ask the broker.`,
        });
      }
      const after: OrderRow = {
        ...order,
        shares: ordered,
        filled,
        notional: order.notional + shares * (price ?? 0),
        state: stateAfter(order, execution, filled, ordered),
        reason: execution.reason ?? order.reason,
        updated_at: now(),
      };
      table.updateOrder(after);
      tell(after, kind, price === null ? null : shares, price);
      endIfDone(order.list);
      return order.list;
    });
    if (list !== null) onChange(list);
    return list !== null;
  }

  return { execute, tell, endIfDone };
}
