/** The desk: the order service with its brokers, put together. What a list ends with goes to the broker that filled it. */
import { AppError } from '#base/errors';
import type { LimitAnswer } from '#contract/limits';
import type { Broker, Brokers } from '../brokers/broker';
import { createFixBroker } from '../brokers/fix/fix-broker';
import { createPaperBroker, type PaperBrokerOptions } from '../brokers/paper-broker';
import { bookOf, annualCovariance } from '../limits/book';
import type { LimitService } from '../limits/limit-service';
import { createOrderService, type OrderService, type OrderServiceOptions } from './order-service';
import { createOrderTable, isOpen } from './order-table';
import { lastPrices, planOrders, type PlanServices } from './plan-orders';

export interface OrderDeskOptions
  extends
    Pick<OrderServiceOptions, 'database' | 'audit' | 'publish' | 'raise' | 'now' | 'onChange'>,
    Pick<PaperBrokerOptions, 'datasets' | 'holdings' | 'paper' | 'configOf'>,
    Pick<PlanServices, 'portfolios'> {
  readonly limits: LimitService;
}

/** Orders leave as a file and come back as one; see `sextant orders export`. */
const fileBroker: Broker = {
  name: 'file',
  submit: () => undefined,
  cancel: () => 'requested',
  replace: () => undefined,
  flush: () => undefined,
};

export function createOrderDesk(options: OrderDeskOptions) {
  const { database, datasets, holdings, portfolios, paper, limits, configOf, now } = options;
  const table = createOrderTable(database);
  const paperBroker = createPaperBroker({
    database,
    orders: table,
    datasets,
    holdings,
    paper,
    configOf,
    execute: (execution) => orders.execute(execution),
    now,
  });
  const fixSession = (name: string) =>
    createFixBroker({
      database,
      name,
      execute: (execution) => orders.execute(execution),
      mayLeave(id) {
        const order = table.order(id);
        return order !== undefined && isOpen(order) && order.cancel_requested === 0 && !orders.switch().engaged;
      },
      warn: (message) => void options.raise({ rule: 'brokers.fix', severity: 'error', subject: name, message }),
      now,
    });
  const sessions = { orders: fixSession('orders'), 'drop-copy': fixSession('drop-copy') };
  const brokers: Brokers = { paper: paperBroker, file: fileBroker, fix: sessions.orders };
  const orders: OrderService = createOrderService({
    ...options,
    table,
    brokers: () => brokers,
    async prepare(input, attempt) {
      const plan = await planOrders({ datasets, holdings, portfolios, limits, configOf, now }, input, attempt);
      if (plan.broker === 'paper' && paper.hasFilled(plan.account, plan.portfolio)) {
        throw new AppError(
          'CONFLICT',
          `Expected a portfolio that the paper account ${plan.account} has not filled, found that it has filled ${plan.portfolio}.`,
        );
      }
      return plan;
    },
    admit(plan) {
      limits.record(plan.account, plan.portfolio, 'pre-trade', plan.limits);
      const blocking = plan.limits.filter(({ outcome }) => outcome === 'blocks');
      if (blocking.length === 0) return;
      const told = blocking.map(
        ({ limit, value, max, subject, reason }) =>
          `${limit}: ${value === null ? reason : `${value.toPrecision(6)}${subject === '' ? '' : ` of ${subject}`} over ${max}`}`,
      );
      throw new AppError(
        'CONFLICT',
        `Expected a list within the hard limits, found ${told.join('; ')}. Change the weights, or have the limit waived.`,
        { data: { limits: blocking.map(({ limit }) => limit) } },
      );
    },
    holdingsOf: (account) => holdings.find(account)?.id ?? null,
    onEnded: (list, rows, executions) => paperBroker.ended(list, rows, executions),
  });

  /** What the account holds now, measured at last closes and written down. */
  async function checkAccount(account: string, ref: string): Promise<LimitAnswer[]> {
    const portfolio = portfolios.show(ref);
    const book = holdings.show(account);
    const { dataset } = configOf(portfolio.run).data;
    const prices = await lastPrices(datasets, dataset);
    const shares = new Map(book.positions.map(({ asset, shares: count }) => [asset, count]));
    const assets = [...new Set([...portfolio.weights.map(({ asset }) => asset), ...shares.keys()])];
    const needed = limits.limitsOf('post-trade').some(({ kind }) => kind === 'tracking-error');
    const covariance = needed
      ? await annualCovariance(
          datasets,
          dataset,
          assets.filter((asset) => prices.has(asset)),
        )
      : null;
    const answers = limits.judge(
      account,
      'post-trade',
      bookOf({ portfolio, shares, before: null, cash: book.cash, prices, covariance }),
    );
    limits.record(account, portfolio.id, 'post-trade', answers);
    return answers;
  }
  return {
    orders,
    paperBroker,
    checkAccount,
    sessions,
    close(): void {
      sessions.orders.disconnect();
      sessions['drop-copy'].disconnect();
    },
  };
}
