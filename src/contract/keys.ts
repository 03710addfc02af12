/**
 * The key of the workspace: where it is kept, changing it or the passphrase around it, and the printed recovery key.
 * Secrets travel only in bodies; on the command line they come from standard input or a private file, never as a flag.
 */
import { z } from 'zod';
import { keySourceSchema } from './system';
import { operation } from './operation';
import { instantField } from './fields';

/** Longer than anybody types and short enough to be no attack. */
const LONGEST_PASSPHRASE = 20_000;

const secret = (title: string) => z.string().min(1).max(LONGEST_PASSPHRASE).meta({ title, format: 'password' });

export const keyStateSchema = z
  .object({
    source: keySourceSchema,
    /** Whether the passphrase must be given to change the key. */
    needsPassphrase: z.boolean(),
    /** Whether the next key must be given, because this program does not keep it. */
    needsKey: z.boolean(),
    /** When the recovery key was made; null where there is none. */
    recoveryMadeAt: instantField.nullable(),
    /** How many keys the workspace had before this one. */
    earlierKeys: z.number().int(),
  })
  .meta({ id: 'KeyState' });
export type KeyState = z.infer<typeof keyStateSchema>;

export const keys = {
  show: operation({
    method: 'GET',
    path: '/keys',
    summary: 'Where the key of the workspace is kept, and whether there is a recovery key',
    input: z.strictObject({}),
    output: keyStateSchema,
  }),
  rotate: operation({
    method: 'POST',
    path: '/keys/rotate',
    summary: 'Give the workspace a new key; a backup is made first, running jobs go on afterwards',
    scope: 'execute',
    secret: true,
    input: z.strictObject({
      passphrase: secret('Passphrase').optional(),
      key: z
        .string()
        .regex(/^[0-9a-fA-F]{64}$/, 'Expected 64 hexadecimal digits.')
        .optional()
        .meta({ title: 'Next key', format: 'password', description: 'Only where SEXTANT_KEY gives the key' }),
    }),
    output: z.object({ backup: z.string(), state: keyStateSchema }),
  }),
  passphrase: operation({
    method: 'POST',
    path: '/keys/passphrase',
    summary: 'Change the passphrase that opens the workspace; the data is not rewritten',
    scope: 'execute',
    secret: true,
    input: z.strictObject({ current: secret('Present passphrase'), next: secret('New passphrase') }),
    output: keyStateSchema,
  }),
  recovery: operation({
    method: 'POST',
    path: '/keys/recovery',
    summary: 'Make a recovery key to print: it opens the workspace and its later backups; an earlier one stops working',
    scope: 'execute',
    secret: true,
    input: z.strictObject({}),
    output: z.object({ recoveryKey: z.string(), madeAt: instantField }),
  }),
};
