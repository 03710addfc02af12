/** The operations of `contract/orders.ts`. */
import { AppError } from '#base/errors';
import type { HandlersOf } from '../api/handlers';
import { orderFile, readAcknowledgements } from '../brokers/order-files';
import type { PaperBroker } from '../brokers/paper-broker';
import type { PortfolioService } from '../portfolios/portfolio-service';
import type { OrderService } from './order-service';

export interface OrderHandlerParts {
  readonly orders: OrderService;
  readonly paperBroker: Pick<PaperBroker, 'advance'>;
  readonly portfolios: Pick<PortfolioService, 'show'>;
}

export function createOrderHandlers({ orders, paperBroker, portfolios }: OrderHandlerParts): HandlersOf<'orders'> {
  return {
    preview: async (input) => orders.preview(input),
    propose: async (input, { actor, remember }) => orders.propose(input, actor, remember),
    list: async ({ portfolio, limit, offset }) =>
      orders.list(portfolio === undefined ? undefined : portfolios.show(portfolio).id, limit, offset),
    show: async ({ list }) => orders.show(list),
    amend: async ({ list, asset, shares }, { actor }) => orders.amend(list, asset, shares, actor),
    approve: async ({ list, hash }, { actor }) => orders.approve(list, hash, actor),
    reject: async ({ list, reason }, { actor }) => orders.reject(list, reason, actor),
    release: async ({ list }, { actor, remember }) => orders.release(list, actor, remember),
    export: async ({ list: id, layout }) => {
      const list = orders.show(id);
      if (list.state === 'released' || list.state === 'done') return orderFile(list, layout);
      throw new AppError(
        'CONFLICT',
        `Expected a released list to export, found that ${id} is ${list.state}. Sign and release it first.`,
      );
    },
    acknowledge: async ({ list: id, text, mapping }) => {
      const list = orders.show(id);
      if (list.broker !== 'file')
        throw new AppError('CONFLICT', `Expected a list of the broker file, found ${list.broker}.`);
      const executions = readAcknowledgements(text, new Set(list.orders.map(({ order }) => order)), mapping);
      const booked = executions.filter((execution) => orders.execute(execution)).length;
      return { booked, known: executions.length - booked };
    },
    cancel: async ({ list, order, reason }, { actor }) => orders.cancel(list, order, reason, actor),
    advance: async () => paperBroker.advance(),
    switch: async () => orders.switch(),
    kill: async ({ reason }, { actor }) => orders.kill(reason, actor),
    lift: async ({ reason }, { actor }) => orders.lift(reason, actor),
  };
}
