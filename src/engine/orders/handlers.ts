/** The operations of `contract/orders.ts`. */
import type { HandlersOf } from '../api/handlers';
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
    cancel: async ({ list, order, reason }, { actor }) => orders.cancel(list, order, reason, actor),
    advance: async () => paperBroker.advance(),
    switch: async () => orders.switch(),
    kill: async ({ reason }, { actor }) => orders.kill(reason, actor),
    lift: async ({ reason }, { actor }) => orders.lift(reason, actor),
  };
}
