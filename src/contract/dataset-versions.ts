/** Versions of datasets: what changed between two, what each was made from and what was made from it, and which may go. */
import { z } from 'zod';
import { idField, instantField, refField, sha256Field } from './fields';
import { operation } from './operation';

const counts = { added: z.int(), removed: z.int(), changed: z.int() };
const cutList = z.object({ added: z.array(z.string()), removed: z.array(z.string()) });

export const datasetDiffSchema = z
  .object({
    /** Prices: days on which an asset has a close. */
    rows: z.object({ before: z.int(), after: z.int() }),
    /** At most 500 names each. */
    dates: cutList,
    assets: cutList,
    fields: z.array(z.object({ field: z.string(), ...counts, largestChange: z.number().nullable() })),
    /** Most changed first, at most 500. */
    changedAssets: z.array(z.object({ asset: z.string(), ...counts })),
    /** The first changed values, at most 200. */
    samples: z.array(
      z.object({
        asset: z.string(),
        date: z.string(),
        field: z.string(),
        before: z.number().nullable(),
        after: z.number().nullable(),
      }),
    ),
  })
  .meta({ id: 'DatasetDiff' });

const versionHead = z.object({ id: idField, name: z.string(), version: z.int(), contentHash: sha256Field });

export const lineageSchema = z
  .object({
    /** Source files as they were read. */
    raw: z.array(z.object({ name: z.string(), role: z.string(), sha256: sha256Field })),
    /** The arrays that the import made of them, by content hash. */
    cleaned: z.object({
      ...versionHead.shape,
      createdAt: instantField,
      arrays: z.array(z.object({ role: z.string(), sha256: sha256Field, bytes: z.int() })),
    }),
    /** Choices of features that runs computed from it, and how many runs did. */
    features: z.array(z.object({ hash: sha256Field, description: z.string(), runs: z.int(), latestRun: z.string() })),
  })
  .meta({ id: 'DatasetLineage' });

export const datasetVersions = {
  diff: operation({
    method: 'GET',
    path: '/datasets/{dataset}/diff/{against}',
    summary: 'What changed from another version to this one: rows, tickers, values',
    positional: ['dataset', 'against'],
    input: z.strictObject({
      dataset: refField,
      against: refField.meta({ title: 'Older version', description: 'Identifier or name@version.' }),
    }),
    output: z.object({ before: versionHead, after: versionHead, ...datasetDiffSchema.shape }),
  }),
  lineage: operation({
    method: 'GET',
    path: '/datasets/{dataset}/lineage',
    summary: 'From raw files to cleaned arrays to the features that runs computed, by content hash',
    positional: ['dataset'],
    input: z.strictObject({ dataset: refField }),
    output: lineageSchema,
  }),
  versions: operation({
    method: 'GET',
    path: '/datasets/{dataset}/versions',
    summary: 'All versions of a dataset, newest first, and whether runs need them',
    positional: ['dataset'],
    input: z.strictObject({ dataset: refField }),
    output: z.object({
      versions: z.array(z.object({ ...versionHead.shape, createdAt: instantField, rows: z.int(), runs: z.int() })),
    }),
  }),
  prune: operation({
    method: 'POST',
    path: '/datasets/{dataset}/prune',
    summary: 'Remove old versions that no run uses, but for the newest ones; says which without confirm',
    scope: 'execute',
    positional: ['dataset'],
    input: z.strictObject({
      dataset: refField,
      keep: z.coerce.number().int().min(1).max(1000).default(3).meta({ title: 'Newest versions to keep' }),
      confirm: z.boolean().default(false).meta({ title: 'Remove them', description: 'Only listed otherwise.' }),
    }),
    output: z.object({ removed: z.boolean(), versions: z.array(versionHead) }),
  }),
};
