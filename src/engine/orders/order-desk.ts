/** The desk: the order service with its brokers, put together. What a list ends with goes to the broker that filled it. */
import { AppError } from '#base/errors';
import type { Broker, Brokers } from '../brokers/broker';
import { createPaperBroker, type PaperBrokerOptions } from '../brokers/paper-broker';
import { createOrderService, type OrderService, type OrderServiceOptions } from './order-service';
import { createOrderTable } from './order-table';
import { planOrders, type PlanServices } from './plan-orders';

export interface OrderDeskOptions
  extends
    Pick<OrderServiceOptions, 'database' | 'audit' | 'publish' | 'raise' | 'now' | 'onChange'>,
    Pick<PaperBrokerOptions, 'datasets' | 'holdings' | 'paper' | 'configOf'>,
    Pick<PlanServices, 'portfolios'> {}

/** Orders leave as a file and come back as one; see `sextant orders export`. */
const fileBroker: Broker = {
  name: 'file',
  submit: () => undefined,
  cancel: () => 'requested',
  replace: () => undefined,
  flush: () => undefined,
};

export function createOrderDesk(options: OrderDeskOptions) {
  const { database, datasets, holdings, portfolios, paper, configOf, now } = options;
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
  const brokers: Brokers = { paper: paperBroker, file: fileBroker };
  const orders: OrderService = createOrderService({
    ...options,
    table,
    brokers: () => brokers,
    async prepare(input, attempt) {
      const plan = await planOrders({ datasets, holdings, portfolios, configOf, now }, input, attempt);
      if (plan.broker === 'paper' && paper.hasFilled(plan.account, plan.portfolio)) {
        throw new AppError(
          'CONFLICT',
          `Expected a portfolio that the paper account ${plan.account} has not filled, found that it has filled ${plan.portfolio}.`,
        );
      }
      return plan;
    },
    holdingsOf: (account) => holdings.find(account)?.id ?? null,
    onEnded: (list, rows, executions) => paperBroker.ended(list, rows, executions),
  });
  return { orders, paperBroker };
}
