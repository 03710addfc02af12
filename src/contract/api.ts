/**
 * The configuration of the local API: its port, how often each kind of caller may ask, how long tokens and idempotency keys
 * last. It listens on the loopback interface alone; that is no setting.
 */
import { z } from 'zod';
import { operation } from './operation';

/** More than a loop on this machine can ask, so that a limit of this size is none. */
const MOST_PER_MINUTE = 1_000_000;

export const perMinuteField = z.coerce.number().int().min(1).max(MOST_PER_MINUTE);
export const lifetimeField = z.coerce.number().int().min(1).max(3_650);

export const apiConfigSchema = z
  .strictObject({
    port: z.coerce.number().int().min(0).max(65_535).default(4517).meta({
      title: 'Port',
      description: 'On 127.0.0.1; 0 takes a free one. Counts from the next start; serve --port wins over it.',
    }),
    perMinute: perMinuteField.default(60).meta({
      title: 'Requests per minute',
      description: 'Of the token of the token file, and of tokens that have no rate of their own.',
    }),
    screenPerMinute: perMinuteField.default(6_000).meta({
      title: 'Requests per minute of a signed-in screen',
      description: 'One page asks for a dozen things at once.',
    }),
    strangersPerMinute: perMinuteField.default(1_000).meta({
      title: 'Requests per minute without a valid token',
      description: 'All together; a valid token is never kept out by them.',
    }),
    tokenDays: lifetimeField.nullable().default(365).meta({
      title: 'Lifetime of new tokens',
      unit: 'days; empty = no end',
    }),
    idempotencyDays: z.coerce.number().int().min(1).max(365).default(7).meta({
      title: 'Idempotency keys are kept',
      unit: 'days',
    }),
  })
  .meta({ id: 'ApiConfig', title: 'API' });
export type ApiConfig = z.infer<typeof apiConfigSchema>;

export const api = {
  show: operation({
    method: 'GET',
    path: '/api',
    summary: 'The configuration of the API in force',
    input: z.strictObject({}),
    output: apiConfigSchema,
  }),
  configure: operation({
    method: 'PUT',
    path: '/api',
    summary: 'Replace the configuration of the API; rates and lifetimes count at once, the port from the next start',
    scope: 'execute',
    input: z.strictObject({ config: apiConfigSchema }),
    output: apiConfigSchema,
  }),
};
