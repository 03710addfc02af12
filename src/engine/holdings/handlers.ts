/** The operations of `contract/holdings.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { HoldingsService } from './holdings-service';

export function createHoldingsHandlers(holdings: HoldingsService): HandlersOf<'holdings'> {
  return {
    list: async ({ account, limit, offset }) => holdings.list(account, limit, offset),
    show: async ({ account, on }) => holdings.show(account, on),
    check: async (input) => holdings.check(input),
    import: async (input, { actor }) => holdings.import(input, actor),
  };
}
