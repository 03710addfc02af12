/** Brokers: where orders go. The paper broker is always there; a FIX 4.4 session is connected by hand, with a drop copy beside it where one is told. */
import { z } from 'zod';
import { operation } from './operation';

const compId = z
  .string()
  .regex(/^[!-~]{1,64}$/, 'Expected 1 to 64 printable characters without spaces.')
  .meta({ examples: ['SEXTANT'] });

const sessionShape = {
  host: z
    .string()
    .min(1)
    .max(253)
    .default('127.0.0.1')
    .meta({ title: 'Host', description: 'Only this machine while Sextant is local only.' }),
  port: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .meta({ title: 'Port', examples: [9878] }),
  sender: compId.meta({ title: 'SenderCompID' }),
  target: compId.meta({ title: 'TargetCompID' }),
  heartbeatSeconds: z.coerce.number().int().min(1).max(3_600).default(30).meta({ title: 'Heartbeat', unit: 's' }),
  reset: z.stringbool().or(z.boolean()).default(false).meta({
    title: 'Start numbers from 1',
    description: 'ResetSeqNumFlag: only where the broker agreed; what was not delivered is then lost.',
  }),
};

const statusSchema = z
  .object({
    session: z.enum(['orders', 'drop-copy']),
    state: z.enum(['not-connected', 'logging-on', 'logged-on', 'ended']),
    nextOut: z.number().int(),
    nextIn: z.number().int(),
  })
  .meta({ id: 'FixSessionState' });

const sessionField = z.enum(['orders', 'drop-copy']).default('orders').meta({ title: 'Session' });

export const brokers = {
  list: operation({
    method: 'GET',
    path: '/brokers',
    summary: 'FIX sessions with their state and the numbers that come next',
    input: z.strictObject({}),
    output: z.object({ sessions: z.array(statusSchema) }),
  }),
  connect: operation({
    method: 'POST',
    path: '/brokers/connect',
    summary: 'Log a FIX 4.4 session on; numbers go on where they ended',
    scope: 'execute',
    input: z.strictObject({ session: sessionField, ...sessionShape }),
    output: statusSchema,
  }),
  disconnect: operation({
    method: 'POST',
    path: '/brokers/disconnect',
    summary: 'Log a FIX session out',
    scope: 'execute',
    positional: ['session'],
    input: z.strictObject({ session: sessionField }),
    output: statusSchema,
  }),
};
