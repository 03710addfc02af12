/**
 * The sample market as a dataset: written to the same files that a user would import, then imported by the same code.
 * The files hold nothing private and live in a folder of their own until the job ends.
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { generateMarket } from '#quant/market/market';
import { marketFiles } from '#quant/market/market-files';
import type { MarketPresetId } from '#quant/market/preset';
import { importPrices } from '../import/import-prices';
import type { ImportedPrices } from '../import/import-types';
import type { JobContext } from '../job';

export interface GenerateJobInput {
  readonly preset: MarketPresetId;
  readonly seed: number;
}

export type GeneratedPrices = Omit<ImportedPrices, 'manifest'> & {
  readonly manifest: ImportedPrices['manifest'] & { readonly generator: GenerateJobInput };
};

const STEPS = 2;

export async function run(input: GenerateJobInput, context: JobContext): Promise<GeneratedPrices> {
  context.emit({ stage: 'generating', detail: input.preset, step: 0, of: STEPS });
  await context.breathe();
  const files = marketFiles(generateMarket(input.preset, input.seed));
  const folder = await mkdtemp(join(tmpdir(), 'sextant-market-'));
  try {
    context.emit({ stage: 'generating', detail: 'files', step: 1, of: STEPS });
    const paths = new Map<string, string>();
    for (const { name, chunks } of files) {
      await context.breathe();
      const path = join(folder, name);
      await context.whilePending(pipeline(Readable.from(chunks()), createWriteStream(path, { mode: 0o600 })));
      paths.set(name, path);
    }
    const imported = await context.whilePending(
      importPrices(
        {
          prices: [paths.get('sample_stocks.csv') ?? ''],
          companies: paths.get('sample_companies.csv'),
          index: paths.get('sample_index.csv'),
          membership: paths.get('sample_membership.csv'),
        },
        {},
        { signal: context.signal, emit: (progress) => context.emit(progress) },
      ),
    );
    return { ...imported, manifest: { ...imported.manifest, generator: input } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
