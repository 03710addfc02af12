/**
 * Lists of orders from proposal to the last fill. Every step is one transaction that reads the state it depends on: a signature counts only
 * for the content it was given for and never for one's own proposal; a release asks the kill switch and sends each order once.
 */
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import type { KillSwitch, OrderList, OrderPlan, PlanInput } from '#contract/orders';
import type { Raise } from '../alerts/alert-service';
import type { AuditLog } from '../audit/audit-log';
import type { Broker, Brokers } from '../brokers/broker';
import { inTransaction, type Database } from '../store/database';
import { createUlid } from '../store/ulid';
import type { Publish } from '../topics/outbox';
import { createExecutionBook, type ListEnded } from './execution-book';
import { createKillSwitch } from './kill-switch';
import { amended, hashOfPlan, planOf, toHeading, toList } from './order-list';
import { isOpen, type ListRow, type OrderRow, type OrderTable } from './order-table';

/** Stores an answer with the transaction that it tells of; see `CallContext.remember`. */
export type Remember = ((answer: unknown) => void) | undefined;

export interface OrderServiceOptions {
  readonly database: Database;
  readonly table: OrderTable;
  readonly brokers: () => Brokers;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly publish: Publish;
  readonly raise: Raise;
  /** Works out a plan from what is stored now. Errors: what is missing, stale or against a limit. */
  prepare(input: PlanInput, attempt: (portfolio: string, account: string) => number): Promise<OrderPlan>;
  /** Writes down which limits the plan violates. Errors: CONFLICT where one of them blocks it. */
  admit(plan: OrderPlan): void;
  /** Identifier of the account's newest holdings; null where it has none. */
  holdingsOf(account: string): string | null;
  /** A list has no open order any more; part of the transaction. */
  readonly onEnded: ListEnded;
  now(): number;
  onChange(list: string): void;
}

const DAY = 86_400_000;

export function createOrderService(options: OrderServiceOptions) {
  const { database, table, brokers, audit, publish, raise, prepare, admit, holdingsOf, onEnded, now, onChange } =
    options;
  const killSwitch = createKillSwitch(database);
  const book = createExecutionBook({ database, table, publish, raise, onEnded, now, onChange });

  function row(id: string): ListRow {
    const found = table.find(id);
    if (found !== undefined) return found;
    throw new AppError(
      'NOT_FOUND',
      `Expected a list of orders "${id}", found none. List them with: sextant orders list.`,
    );
  }

  function broker(name: ListRow['broker']): Broker {
    const found = brokers()[name];
    if (found !== undefined) return found;
    throw new AppError(
      'UNAVAILABLE',
      `Expected the broker ${name} to be set up, found it is not. See: sextant orders --help.`,
    );
  }

  function expectState(list: ListRow, ...states: ListRow['state'][]): void {
    if (states.includes(list.state)) return;
    throw new AppError(
      'CONFLICT',
      `Expected a list that is ${states.join(' or ')}, found that ${list.id} is ${list.state}${list.reason === null ? '' : `: ${list.reason}`}.`,
    );
  }

  const show = (id: string): OrderList => toList(row(id), table.ordersOf(id));

  /** Reads, decides and writes a list in one transaction, with its audit entry. */
  function change(
    id: string,
    actor: string,
    action: string,
    write: (list: ListRow) => ListRow,
    remember?: Remember,
  ): OrderList {
    const changed = inTransaction(database, () => {
      const before = row(id);
      const after = write(before);
      table.updateList(after);
      audit.append({
        actor,
        action,
        object: id,
        detail: { state: after.state, hash: after.content_hash, reason: after.reason },
      });
      const answer = show(id);
      remember?.(answer);
      return answer;
    });
    onChange(id);
    return changed;
  }

  async function propose(input: PlanInput, actor: string, remember?: Remember): Promise<OrderList> {
    const plan = await plannedFor(input);
    if (plan.orders.length === 0) {
      throw new AppError(
        'CONFLICT',
        `Expected orders to propose, found that ${plan.account} holds what ${plan.portfolio} wants.`,
      );
    }
    admit(plan);
    const at = now();
    const id = createUlid(at);
    const answer = inTransaction(database, () => {
      const open = table.openOf(plan.portfolio, plan.account);
      if (open !== undefined) {
        throw new AppError(
          'CONFLICT',
          `Expected no open list of ${plan.portfolio} for ${plan.account}, found ${open.id}, ${open.state} by ${open.proposed_by}. Finish or reject it first.`,
          { data: { list: open.id } },
        );
      }
      table.insertList({
        id,
        portfolio: plan.portfolio,
        account: plan.account,
        broker: plan.broker,
        attempt: plan.attempt,
        state: 'proposed',
        plan: canonicalJson(plan),
        content_hash: hashOfPlan(plan),
        proposed_by: actor,
        proposed_at: at,
        approved_by: null,
        approved_at: null,
        approved_hash: null,
        released_by: null,
        released_at: null,
        reason: null,
      });
      audit.append({
        actor,
        action: 'orders.proposed',
        object: id,
        detail: { portfolio: plan.portfolio, hash: hashOfPlan(plan) },
      });
      const proposed = show(id);
      remember?.(proposed);
      return proposed;
    });
    onChange(id);
    return answer;
  }

  const plannedFor = (input: PlanInput): Promise<OrderPlan> =>
    prepare(input, (portfolio, account) => table.releases(portfolio, account) + 1);

  function amend(id: string, asset: string, shares: number, actor: string): OrderList {
    return change(id, actor, 'orders.amended', (list) => {
      expectState(list, 'proposed', 'approved');
      const plan = amended(planOf(list), asset, shares);
      return {
        ...list,
        state: 'proposed',
        plan: canonicalJson(plan),
        content_hash: hashOfPlan(plan),
        // Who changed it has made it: they cannot sign it.
        proposed_by: actor,
        approved_by: null,
        approved_at: null,
        approved_hash: null,
      };
    });
  }

  function approve(id: string, hash: string, actor: string): OrderList {
    return change(id, actor, 'orders.approved', (list) => {
      expectState(list, 'proposed');
      if (actor === list.proposed_by) {
        throw new AppError(
          'FORBIDDEN',
          `Expected another person than ${actor}, who proposed or changed the list, to sign it. Sign with a token of their own.`,
        );
      }
      if (hash !== list.content_hash || hash !== hashOfPlan(planOf(list))) {
        throw new AppError(
          'PRECONDITION_FAILED',
          `Expected the hash of the present content, ${list.content_hash}, found ${hash}. Look at the list again.`,
        );
      }
      const { portfolio, run, decidedOn, fillOn } = planOf(list);
      const approvedAt = new Date(now()).toISOString();
      publish('weights.approved', {
        portfolio,
        run,
        decidedOn,
        fillOn,
        approvedBy: [list.proposed_by, actor],
        approvedAt,
      });
      return { ...list, state: 'approved', approved_by: actor, approved_at: now(), approved_hash: hash };
    });
  }

  const reject = (id: string, reason: string, actor: string): OrderList =>
    change(id, actor, 'orders.rejected', (list) => {
      expectState(list, 'proposed', 'approved');
      return { ...list, state: 'rejected', reason };
    });

  /** Why a signature no longer holds; null where it does. */
  function outdated(list: ListRow): string | null {
    const plan = planOf(list);
    if (list.approved_hash !== hashOfPlan(plan)) return 'its content is not what was signed';
    if (holdingsOf(list.account) !== plan.holdings)
      return `the holdings of ${list.account} changed since it was proposed`;
    const oldest = plan.orders.reduce((least, { priceDate }) => (priceDate < least ? priceDate : least), '9999-12-31');
    const age = Math.floor(now() / DAY) - Math.floor(Date.parse(oldest) / DAY);
    return age > plan.rules.maxPriceAgeDays ? `its prices of ${oldest} are ${age} days old` : null;
  }

  function release(id: string, actor: string, remember?: Remember): OrderList {
    const voided = inTransaction(database, () => {
      const list = row(id);
      const reason = list.state === 'approved' ? outdated(list) : null;
      if (reason === null) return null;
      table.updateList({ ...list, state: 'voided', reason });
      audit.append({ actor, action: 'orders.voided', object: id, detail: { reason } });
      return reason;
    });
    if (voided !== null) {
      onChange(id);
      throw new AppError(
        'PRECONDITION_FAILED',
        `Expected a list whose signature still holds, found that ${voided}. It is void; propose it again.`,
      );
    }
    let sender: Broker | null = null;
    const answer = change(
      id,
      actor,
      'orders.released',
      (list) => {
        killSwitch.requireLifted();
        expectState(list, 'approved');
        const reason = outdated(list);
        if (reason !== null)
          throw new AppError('PRECONDITION_FAILED', `Expected a signature that still holds, found that ${reason}.`);
        sender = broker(list.broker);
        const at = now();
        for (const { order, asset, side, shares } of planOf(list).orders) {
          table.insertOrder({
            id: order,
            list: id,
            asset,
            side,
            shares,
            filled: 0,
            notional: 0,
            state: 'sent',
            cancel_requested: 0,
            reason: null,
            last_bar: null,
            created_at: at,
            updated_at: at,
          });
          sender.submit({ order, asset, side, shares, filled: 0 });
        }
        return { ...list, state: 'released', released_by: actor, released_at: at };
      },
      remember,
    );
    flush();
    return answer;

    function flush(): void {
      sender?.flush();
    }
  }

  /** Within a transaction. @returns how many were open */
  function cancelOrders(open: readonly OrderRow[], reason: string): { count: number; touched: Set<Broker> } {
    const touched = new Set<Broker>();
    for (const order of open) {
      const place = broker(row(order.list).broker);
      touched.add(place);
      const outcome = place.cancel({ ...order, order: order.id });
      const state = outcome === 'cancelled' ? 'cancelled' : order.state;
      table.updateOrder({ ...order, state, cancel_requested: 1, reason, updated_at: now() });
      if (state === 'cancelled') book.tell({ ...order, state, reason }, 'cancelled', null, null);
    }
    for (const list of new Set(open.map(({ list: id }) => id))) book.endIfDone(list);
    return { count: open.length, touched };
  }

  function cancel(id: string, order: string | undefined, reason: string, actor: string): OrderList {
    const touched = inTransaction(database, () => {
      expectState(row(id), 'released');
      const open = table.ordersOf(id).filter((one) => isOpen(one) && (order === undefined || one.id === order));
      if (open.length === 0)
        throw new AppError(
          'CONFLICT',
          `Expected an open order of ${id}${order === undefined ? '' : ` named ${order}`}, found none.`,
        );
      audit.append({ actor, action: 'orders.cancelled', object: id, detail: { reason, orders: open.length } });
      return cancelOrders(open, reason).touched;
    });
    for (const place of touched) place.flush();
    onChange(id);
    return show(id);
  }

  function kill(reason: string, actor: string): KillSwitch {
    const { touched, open } = inTransaction(database, () => {
      const orders = table.openOrders();
      const { count, touched: places } = cancelOrders(orders, `kill switch: ${reason}`);
      killSwitch.write(true, actor, now(), reason, count);
      audit.append({ actor, action: 'orders.killed', object: '', detail: { reason, cancelled: count } });
      raise({
        rule: 'orders.kill-switch',
        severity: 'critical',
        subject: '',
        message: `${actor} engaged the kill switch: ${reason}. ${count} open orders were cancelled.`,
      });
      return { touched: places, open: orders };
    });
    for (const place of touched) place.flush();
    for (const list of new Set(open.map(({ list: id }) => id))) onChange(list);
    onChange('');
    return killSwitch.current();
  }

  function lift(reason: string, actor: string): KillSwitch {
    inTransaction(database, () => {
      if (!killSwitch.current().engaged)
        throw new AppError('CONFLICT', 'Expected an engaged kill switch, found it lifted already.');
      killSwitch.write(false, actor, now(), reason, 0);
      audit.append({ actor, action: 'orders.lifted', object: '', detail: { reason } });
    });
    onChange('');
    return killSwitch.current();
  }

  return {
    preview: plannedFor,
    propose,
    amend,
    approve,
    reject,
    release,
    cancel,
    kill,
    lift,
    show,
    switch: () => killSwitch.current(),
    execute: book.execute,
    list(portfolio: string | undefined, limit: number, offset: number) {
      const { rows, total } = table.list(portfolio, limit, offset);
      return { lists: rows.map(toHeading), total };
    },
  };
}
export type OrderService = ReturnType<typeof createOrderService>;
