/** `ingest`: price files of this machine become a dataset version; files that have not changed since make none. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '#base/errors';
import { importOptionsSchema } from '#contract/datasets';
import { createUlid } from '#engine/store/ulid';
import { step, THREE_TIMES, type FlowDefinition, type Step } from '../flow';
import type { FlowServices } from '../flow-services';

const path = z.string().min(1).max(4096);
export const ingestParams = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,59}$/)
    .meta({ title: 'Dataset', description: 'A version of it is made.' }),
  prices: z
    .array(path)
    .min(1)
    .meta({ title: 'Price files', description: 'Files or folders of this machine, absolute.' }),
  companies: path.optional(),
  index: path.optional(),
  membership: path.optional(),
  options: importOptionsSchema.prefault({}),
  mostErrors: z
    .int()
    .gte(0)
    .default(0)
    .meta({ title: 'Error findings allowed', description: 'More refuse the version for the flow.' }),
});
export type IngestParams = z.infer<typeof ingestParams>;

const imported = z.object({ dataset: z.string(), rows: z.number(), lastDate: z.string() });

/** The step, for every flow that begins with fresh data. */
export function importStep({ datasets, enqueue, now }: FlowServices): Step<IngestParams, typeof imported> {
  return step({
    id: 'import',
    title: 'Import the price files',
    resource: 'cpu',
    retries: THREE_TIMES,
    output: imported,
    cacheKey: async ({ params }) => ({ params, files: await hashesOf(params) }),
    stillThere: ({ dataset }) => exists(() => datasets.find(dataset)),
    enqueue: ({ params }) => {
      const { name, options, prices, companies, index, membership } = params;
      const source = { prices, companies, index, membership };
      return enqueue({
        kind: 'import-dataset',
        subject: createUlid(now()),
        title: name,
        payload: { name, source, options },
      });
    },
    perform: async (_context, job) => {
      const { id, manifest } = datasets.find(job?.subject ?? '');
      return () => ({ dataset: id, rows: manifest.rows, lastDate: manifest.lastDate });
    },
  });
}

export function ingestFlow(services: FlowServices): FlowDefinition<IngestParams> {
  const load = importStep(services);
  const checked = z.object({ dataset: z.string(), errors: z.number(), warnings: z.number() });
  const quality = step<IngestParams, typeof checked>({
    id: 'quality',
    title: 'Judge the quality report',
    needs: [load],
    output: checked,
    perform: async ({ params, outputOf, log }) => {
      const { dataset } = outputOf(load);
      const { findings } = services.datasets.find(dataset);
      if (findings.error > params.mostErrors) {
        throw new AppError(
          'INVALID_DATA',
          `Expected at most ${params.mostErrors} error findings in ${params.name}, found ${findings.error}. ` +
            `See: sextant datasets quality ${dataset}.`,
          { data: { dataset, errors: findings.error } },
        );
      }
      log('info', `${findings.error} errors and ${findings.warning} warnings in the quality report.`);
      return () => ({ dataset, errors: findings.error, warnings: findings.warning });
    },
  });
  return {
    flow: 'ingest',
    title: 'Ingest',
    summary: 'Imports price files into a new version of a dataset and judges its quality.',
    atOnce: 2,
    params: ingestParams,
    steps: [load, quality],
  };
}

/** Whether what a cached step names is still there. */
export function exists(find: () => unknown): boolean {
  try {
    find();
    return true;
  } catch {
    return false;
  }
}

/** Content hashes of all files that an import would read. Errors: NOT_FOUND. */
async function hashesOf({ prices, companies, index, membership }: IngestParams): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const given of [...prices, companies, index, membership]) {
    if (given === undefined) continue;
    for (const file of await filesOf(given)) {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer); // a stream without encoding gives bytes
      hashes[file] = hash.digest('hex');
    }
  }
  return hashes;
}

async function filesOf(given: string): Promise<string[]> {
  const info = await stat(given).catch((cause: unknown) => {
    throw new AppError('NOT_FOUND', `Expected a file or folder at ${given}, found none that can be read.`, { cause });
  });
  if (!info.isDirectory()) return [given];
  const entries = await readdir(given, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(given, name))
    .sort();
}
