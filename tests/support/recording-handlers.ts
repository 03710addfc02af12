/** Handlers that do nothing but note that they were reached: what the safety tests count. */
import { AppError } from '#base/errors';
import { operations } from '#contract/derive/operations';
import type { CallContext, Handlers } from '#engine/api/handlers';

export interface Reached {
  readonly operation: string;
  readonly input: unknown;
  readonly context: CallContext;
}

type Override = (input: never, context: CallContext) => unknown;

/** Every operation of the contract is noted in `reached`; what it answers is given per operation or an error. */
export function recordingHandlers(reached: Reached[], overrides: Readonly<Record<string, Override>> = {}): Handlers {
  const nouns: Record<string, Record<string, unknown>> = {};
  for (const { noun, name, id } of operations) {
    (nouns[noun] ??= {})[name] = async (input: unknown, context: CallContext): Promise<unknown> => {
      reached.push({ operation: id, input, context });
      const override = overrides[id];
      if (override === undefined) throw new AppError('UNAVAILABLE', `${id} was reached.`, { data: { id } });
      return override(input as never, context);
    };
  }
  return nouns as unknown as Handlers; // built from the list of operations, so complete by construction
}

export const HEALTHY = {
  'system.health': () => ({ status: 'ok', store: 'ok', runningJobs: 0, components: [] }),
} as const;
