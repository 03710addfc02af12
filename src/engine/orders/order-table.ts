/** Rows of `order_lists`, `orders` and `executions`, typed. What must never happen twice is a key of these tables. */
import type { BrokerName, OrderListHeading, OrderState } from '#contract/orders';
import type { Execution } from '../brokers/broker';
import type { Database } from '../store/database';

export interface ListRow {
  readonly id: string;
  readonly portfolio: string;
  readonly account: string;
  readonly broker: BrokerName;
  readonly attempt: number;
  readonly state: OrderListHeading['state'];
  readonly plan: string;
  readonly content_hash: string;
  readonly proposed_by: string;
  readonly proposed_at: number;
  readonly approved_by: string | null;
  readonly approved_at: number | null;
  readonly approved_hash: string | null;
  readonly released_by: string | null;
  readonly released_at: number | null;
  readonly reason: string | null;
}

export interface OrderRow {
  readonly id: string;
  readonly list: string;
  readonly asset: string;
  readonly side: 'buy' | 'sell';
  readonly shares: number;
  readonly filled: number;
  /** Of all fills together, currency. */
  readonly notional: number;
  readonly state: OrderState;
  readonly cancel_requested: 0 | 1;
  readonly reason: string | null;
  /** Last day that the paper broker has looked at. */
  readonly last_bar: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface ExecutionRow {
  readonly execution: string;
  readonly order_id: string;
  readonly kind: Execution['kind'];
  readonly shares: number;
  readonly price: number | null;
  readonly cost: number;
  readonly at: number;
}

const OPEN = `('sent', 'working', 'partially-filled')`;

export function createOrderTable(database: Database) {
  const byId = database.prepare<[string], ListRow>('SELECT * FROM order_lists WHERE id = ?');
  const open = database.prepare<[string, string], ListRow>(
    `SELECT * FROM order_lists WHERE portfolio = ? AND account = ? AND state IN ('proposed', 'approved', 'released')`,
  );
  const released = database
    .prepare<[string, string], number>(
      'SELECT count(*) FROM order_lists WHERE portfolio = ? AND account = ? AND released_by IS NOT NULL',
    )
    .pluck();
  const page = database.prepare<[{ portfolio: string | null; limit: number; offset: number }], ListRow>(
    `SELECT * FROM order_lists WHERE @portfolio IS NULL OR portfolio = @portfolio
     ORDER BY proposed_at DESC, id DESC LIMIT @limit OFFSET @offset`,
  );
  const count = database
    .prepare<[{ portfolio: string | null }], number>(
      'SELECT count(*) FROM order_lists WHERE @portfolio IS NULL OR portfolio = @portfolio',
    )
    .pluck();
  const insertList = database.prepare<[ListRow]>(
    `INSERT INTO order_lists (id, portfolio, account, broker, attempt, state, plan, content_hash, proposed_by, proposed_at,
       approved_by, approved_at, approved_hash, released_by, released_at, reason)
     VALUES (@id, @portfolio, @account, @broker, @attempt, @state, @plan, @content_hash, @proposed_by, @proposed_at,
       @approved_by, @approved_at, @approved_hash, @released_by, @released_at, @reason)`,
  );
  const updateList = database.prepare<[ListRow]>(
    `UPDATE order_lists SET state = @state, plan = @plan, content_hash = @content_hash, proposed_by = @proposed_by,
       approved_by = @approved_by, approved_at = @approved_at, approved_hash = @approved_hash,
       released_by = @released_by, released_at = @released_at, reason = @reason WHERE id = @id`,
  );
  const ofList = database.prepare<[string], OrderRow>('SELECT * FROM orders WHERE list = ? ORDER BY side DESC, asset');
  const one = database.prepare<[string], OrderRow>('SELECT * FROM orders WHERE id = ?');
  const allOpen = database.prepare<[], OrderRow>(`SELECT * FROM orders WHERE state IN ${OPEN} ORDER BY id`);
  const insertOrder = database.prepare<[OrderRow]>(
    `INSERT INTO orders (id, list, asset, side, shares, filled, notional, state, cancel_requested, reason, last_bar,
       created_at, updated_at)
     VALUES (@id, @list, @asset, @side, @shares, @filled, @notional, @state, @cancel_requested, @reason, @last_bar,
       @created_at, @updated_at)`,
  );
  const updateOrder = database.prepare<[OrderRow]>(
    `UPDATE orders SET shares = @shares, filled = @filled, notional = @notional, state = @state,
       cancel_requested = @cancel_requested, reason = @reason, last_bar = @last_bar, updated_at = @updated_at
     WHERE id = @id`,
  );
  const insertExecution = database.prepare<[ExecutionRow & { broker: BrokerName }]>(
    `INSERT INTO executions (broker, execution, order_id, kind, shares, price, cost, at)
     VALUES (@broker, @execution, @order_id, @kind, @shares, @price, @cost, @at)
     ON CONFLICT (broker, execution) DO NOTHING`,
  );
  const executionsOf = database.prepare<[string], ExecutionRow>(
    `SELECT execution, order_id, kind, shares, price, cost, at FROM executions
     WHERE order_id IN (SELECT id FROM orders WHERE list = ?) ORDER BY ordinal`,
  );

  return {
    find: (id: string): ListRow | undefined => byId.get(id),
    openOf: (portfolio: string, account: string): ListRow | undefined => open.get(portfolio, account),
    /** How many lists of a portfolio and account have been released. */
    releases: (portfolio: string, account: string): number => released.get(portfolio, account) ?? 0,
    list(portfolio: string | undefined, limit: number, offset: number) {
      const filter = { portfolio: portfolio ?? null };
      return { rows: page.all({ ...filter, limit, offset }), total: count.get(filter) ?? 0 };
    },
    insertList: (row: ListRow): void => void insertList.run(row),
    updateList: (row: ListRow): void => void updateList.run(row),
    ordersOf: (list: string): OrderRow[] => ofList.all(list),
    order: (id: string): OrderRow | undefined => one.get(id),
    openOrders: (): OrderRow[] => allOpen.all(),
    insertOrder: (row: OrderRow): void => void insertOrder.run(row),
    updateOrder: (row: OrderRow): void => void updateOrder.run(row),
    /** False where this execution is known already. */
    insertExecution: (row: ExecutionRow & { broker: BrokerName }): boolean => insertExecution.run(row).changes === 1,
    executionsOf: (list: string): ExecutionRow[] => executionsOf.all(list),
  };
}
export type OrderTable = ReturnType<typeof createOrderTable>;

export const isOpen = ({ state }: Pick<OrderRow, 'state'>): boolean =>
  state === 'sent' || state === 'working' || state === 'partially-filled';
