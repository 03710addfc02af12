/** Holdings: what an account holds on a day, positions and cash, imported from a custodian's file or written by the paper broker. */
import { z } from 'zod';
import { operation } from './operation';
import { dateField, idField, instantField, pageInput, refField, sha256Field } from './fields';

export const accountField = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,59}$/, 'Expected a lower-case name of letters, digits, ".", "_" and "-".')
  .meta({ title: 'Account', examples: ['paper'] });

export const currencyField = z
  .string()
  .regex(/^[A-Z]{3}$/, 'Expected a currency of three capital letters, such as USD.')
  .meta({ title: 'Currency' });

export const positionSchema = z
  .object({
    asset: z.string(),
    shares: z.number().meta({ unit: 'shares' }),
    line: z.number().int().nullable().meta({ description: 'Of the imported file.' }),
  })
  .meta({ id: 'Position' });

export const holdingsSchema = z
  .object({
    id: idField,
    account: z.string(),
    /** Counts the books of an account; the newest day counts, and of one day the newest version. */
    version: z.number().int(),
    asOf: dateField,
    currency: z.string(),
    cash: z.number(),
    positions: z.array(positionSchema),
    source: z.string(),
    contentHash: sha256Field,
    createdAt: instantField,
    createdBy: z.string(),
  })
  .meta({ id: 'Holdings' });
export type Holdings = z.infer<typeof holdingsSchema>;

export const holdingsProblemSchema = z.object({
  line: z.number().int(),
  column: z.string().nullable(),
  reason: z.string(),
});
export type HoldingsProblem = z.infer<typeof holdingsProblemSchema>;

const importInput = z.strictObject({
  account: accountField,
  asOf: dateField.meta({ title: 'As of', description: 'The close that the file tells of.' }),
  text: z
    .string()
    .min(1)
    .max(8_000_000)
    .meta({
      title: 'CSV',
      description:
        'A heading with asset and shares, and currency where it is told; a line whose asset is CASH holds the cash in its column shares.',
      examples: ['asset,shares\nCASH,100000\nAAPL,120\n'],
    }),
  currency: currencyField.default('USD'),
  dataset: refField.optional().meta({ title: 'Dataset', description: 'Whose assets are the known ones.' }),
  short: z.stringbool().or(z.boolean()).default(false).meta({ title: 'Short positions and negative cash are allowed' }),
  unknown: z.enum(['refuse', 'keep']).default('refuse').meta({ title: 'Assets that the dataset does not know' }),
  source: z.string().max(200).default('').meta({ title: 'Name of the file' }),
});
export type HoldingsImport = z.infer<typeof importInput>;

export const holdings = {
  list: operation({
    method: 'GET',
    path: '/holdings',
    summary: 'Books of all accounts, the newest first',
    sensitive: true,
    input: z.strictObject({ ...pageInput, account: accountField.optional() }),
    output: z.object({ holdings: z.array(holdingsSchema.omit({ positions: true })), total: z.number().int() }),
  }),
  show: operation({
    method: 'GET',
    path: '/holdings/{account}',
    summary: 'What an account holds: its newest book, or that of a day',
    sensitive: true,
    positional: ['account'],
    input: z.strictObject({ account: accountField, on: dateField.optional().meta({ title: 'On this day or before' }) }),
    output: holdingsSchema,
  }),
  check: operation({
    method: 'POST',
    path: '/holdings/check',
    summary: 'Read a file of holdings and say what is wrong with it; nothing is stored',
    sensitive: true,
    input: importInput,
    output: z.object({
      problems: z.array(holdingsProblemSchema),
      positions: z.number().int(),
      cash: z.number(),
      changes: z.array(z.object({ asset: z.string(), before: z.number(), after: z.number() })),
    }),
  }),
  import: operation({
    method: 'POST',
    path: '/holdings',
    summary: 'Store the holdings of an account on a day; a file with a problem is refused whole, with the lines',
    scope: 'execute',
    once: true,
    input: importInput,
    output: holdingsSchema,
  }),
};
