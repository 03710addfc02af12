/** The shortest road: the typed client over the door in the same process, as the command line uses it without a host. */
import { createRouterClient } from '@orpc/server';
import { createClient, mapErrors, type Client, type Link } from '#contract/client';
import type { Scope } from '#contract/operation';
import type { ApiRouter } from './router';

export const ALL_SCOPES: ReadonlySet<Scope> = new Set<Scope>(['read', 'train', 'export', 'execute']);

export function createInlineClient(router: ApiRouter, actor: string, scopes: ReadonlySet<Scope> = ALL_SCOPES): Client {
  const caller = createRouterClient(router, { context: { actor, transport: 'inline', scopes } });
  const link: Link = {
    call(path, input, options) {
      const operation = path.reduce<unknown>((current, name) => Reflect.get(Object(current), name), caller);
      const call = operation as (input: unknown, options: object) => Promise<unknown>; // the path leads to one procedure
      return call(input, { signal: options.signal, lastEventId: options.lastEventId });
    },
  };
  return createClient(mapErrors(link));
}
