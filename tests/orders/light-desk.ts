/** The order service on a real database with everything around it that a test needs to be small: a given plan, and a broker that remembers. */
import type { OrderPlan, PlanInput } from '#contract/orders';
import { createAlertService } from '#engine/alerts/alert-service';
import type { AuditEntry } from '#engine/audit/audit-log';
import type { Broker } from '#engine/brokers/broker';
import { createOrderService, type OrderService } from '#engine/orders/order-service';
import { createOrderTable, type OrderTable } from '#engine/orders/order-table';
import { clientOrderId } from '#engine/orders/plan-orders';
import type { Database } from '#engine/store/database';
import { createOutbox, type Outbox } from '#engine/topics/outbox';

export interface LightDesk {
  readonly orders: OrderService;
  readonly table: OrderTable;
  readonly outbox: Outbox;
  readonly audited: readonly AuditEntry[];
  /** Client order identifiers in the order in which the broker got them. */
  readonly sent: readonly string[];
  /** The holdings that the account has now. */
  holdings: string;
}

export const INPUT: PlanInput = {
  portfolio: 'P',
  account: 'paper',
  broker: 'paper',
  lot: 1,
  minimumNotional: 0,
  maxPriceAgeDays: 5,
  maxAdvShare: null,
};

export const HOLDINGS = '01JDA3N6X7Q8R9S0T1V2W3X4Y5';
export const RUN = '01JDA3N6X7Q8R9S0T1V2W3X4Y6';
export const NOW = Date.UTC(2026, 0, 5, 12);

export function planFor(input: PlanInput, attempt: number): OrderPlan {
  const { portfolio, account, broker, ...rules } = input;
  const order = (asset: string, side: 'buy' | 'sell', shares: number) => ({
    order: clientOrderId(portfolio, account, asset, attempt),
    asset,
    side,
    shares,
    price: 10,
    priceDate: '2026-01-02',
    notional: shares * 10,
    currentWeight: 0,
    targetWeight: 0.5,
    cost: 1,
    advShare: null,
    note: '',
  });
  return {
    portfolio,
    run: RUN,
    runName: 'run',
    account,
    broker,
    holdings: HOLDINGS,
    attempt,
    decidedOn: '2026-01-02',
    fillOn: '2026-01-05',
    rules,
    orders: [order('OLD', 'sell', 20), order('AAA', 'buy', 50), order('BBB', 'buy', 30)],
    leftOut: [],
    unknown: [],
    limits: [],
    netAssetValue: 2_000,
    turnover: 0.25,
    cost: 3,
    cashBefore: 1_000,
    cashAfter: 397,
  };
}

export interface LightDeskOptions {
  readonly now?: () => number;
  readonly cancel?: Broker['cancel'];
  /** What the service sees of the table; itself unless given. */
  readonly seen?: (table: OrderTable) => OrderTable;
}

export function lightDesk(database: Database, options: LightDeskOptions = {}): LightDesk {
  const now = options.now ?? (() => NOW);
  const table = createOrderTable(database);
  const outbox = createOutbox({ database, now });
  const audited: AuditEntry[] = [];
  const sent: string[] = [];
  const audit = { append: (entry: AuditEntry) => void audited.push(entry) };
  const { raise } = createAlertService({ database, audit, publish: outbox.publish, now, onChange: () => undefined });
  let waiting: string[] = [];
  const broker: Broker = {
    name: 'paper',
    submit: ({ order }) => void waiting.push(order),
    cancel: options.cancel ?? (() => 'requested'),
    replace: () => undefined,
    flush() {
      sent.push(...waiting);
      waiting = [];
    },
  };
  const desk = { table, outbox, audited, sent, holdings: HOLDINGS };
  const orders = createOrderService({
    database,
    table: options.seen?.(table) ?? table,
    brokers: () => ({ paper: broker }),
    audit,
    publish: outbox.publish,
    raise,
    prepare: async (input, attempt) => planFor(input, attempt(input.portfolio, input.account)),
    admit: () => undefined,
    holdingsOf: () => desk.holdings,
    onEnded: () => undefined,
    now,
    onChange: () => undefined,
  });
  return Object.assign(desk, { orders });
}
