/**
 * API tokens that outlive the host: each with a name, scopes, a rate and an end. A secret is shown when it is made and
 * never again; the workspace keeps a hash of it. Nobody can hand out a scope that they do not hold.
 */
import { z } from 'zod';
import { lifetimeField, perMinuteField } from './api';
import { idField, instantField, pageInput } from './fields';
import { operation } from './operation';

export const scopeSchema = z.enum(['read', 'train', 'export', 'execute']);

const nameField = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,59}$/, 'Expected up to 60 lower-case letters, digits, dots, dashes or underscores.')
  .meta({ title: 'Name', examples: ['execution-desk'] });

const tokenRef = z.string().min(1).max(60).meta({ title: 'Token', description: 'Name or identifier.' });

export const tokenSchema = z
  .object({
    id: idField,
    name: z.string(),
    scopes: z.array(scopeSchema),
    /** The rate in force, of its own or from the configuration. */
    perMinute: z.number().int(),
    status: z.enum(['active', 'expired', 'revoked']),
    createdAt: instantField,
    rotatedAt: instantField.nullable(),
    expiresAt: instantField.nullable(),
    lastUsedAt: instantField.nullable(),
    revokedAt: instantField.nullable(),
  })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof tokenSchema>;

/** Not called `token`: what is written down about a call is found by the names of its fields. */
const issued = z
  .object({
    secret: z.string().meta({ title: 'Secret', description: 'Shown this once. Send it as X-API-Token.' }),
    issued: tokenSchema,
  })
  .meta({ id: 'IssuedToken' });

export const tokens = {
  list: operation({
    method: 'GET',
    path: '/tokens',
    summary: 'API tokens with scopes, rate, end and last use, newest first; no secret is among it',
    input: z.strictObject({ ...pageInput }),
    output: z.object({ tokens: z.array(tokenSchema), total: z.number().int() }),
  }),
  create: operation({
    method: 'POST',
    path: '/tokens',
    summary: 'Make an API token; its secret is shown this once',
    scope: 'execute',
    secret: true,
    positional: ['name'],
    input: z.strictObject({
      name: nameField,
      scopes: z
        .array(scopeSchema)
        .min(1)
        .max(4)
        .default(['read'])
        .meta({ title: 'Scopes', description: 'None that the caller does not hold.' }),
      perMinute: perMinuteField.optional().meta({
        title: 'Requests per minute',
        description: 'The rate of the configuration unless given.',
      }),
      days: lifetimeField.nullable().optional().meta({
        title: 'Lifetime',
        unit: 'days',
        description: 'As configured unless given; null = no end.',
      }),
    }),
    output: issued,
  }),
  rotate: operation({
    method: 'POST',
    path: '/tokens/{token}/rotate',
    summary: 'Give a token a new secret and its lifetime anew; the secret before stops working at once',
    scope: 'execute',
    secret: true,
    positional: ['token'],
    input: z.strictObject({ token: tokenRef }),
    output: issued,
  }),
  limit: operation({
    method: 'PUT',
    path: '/tokens/{token}/limit',
    summary: 'Change how often a token may ask; what it asked in the last minute counts against the new rate',
    scope: 'execute',
    positional: ['token'],
    input: z.strictObject({
      token: tokenRef,
      perMinute: perMinuteField.nullable().meta({ title: 'Requests per minute', unit: 'null = as configured' }),
    }),
    output: tokenSchema,
  }),
  revoke: operation({
    method: 'DELETE',
    path: '/tokens/{token}',
    summary: 'Revoke a token for good; its next request is refused and its open event streams end',
    scope: 'execute',
    positional: ['token'],
    input: z.strictObject({ token: tokenRef }),
    output: tokenSchema,
  }),
};
