/** The operations of `contract/limits.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { LimitAnswer } from '#contract/limits';
import type { LimitService } from './limit-service';

export interface LimitHandlerParts {
  readonly limits: LimitService;
  /** Measures what an account holds and records it. */
  checkAccount(account: string, portfolio: string): Promise<LimitAnswer[]>;
}

export function createLimitHandlers({ limits, checkAccount }: LimitHandlerParts): HandlersOf<'limits'> {
  return {
    show: async () => limits.config(),
    configure: async ({ config }, { actor }) => limits.configure(config, actor),
    check: async ({ account, portfolio }) => {
      const answers = await checkAccount(account, portfolio);
      return { limits: answers, holds: answers.every(({ holds }) => holds) };
    },
    breaches: async ({ limit, offset }) => limits.breaches(limit, offset),
    waive: async (input, { actor }) => limits.waive(input, actor),
    waivers: async ({ limit, offset }) => limits.waivers(limit, offset),
    revoke: async ({ waiver }, { actor }) => limits.revoke(waiver, actor),
  };
}
