/** The import of price files. Opens only the files that the user named; everything it makes leaves as its result. */
import { importPrices } from '../import/import-prices';
import type { ImportedPrices, ImportOptions, ImportSource } from '../import/import-types';
import type { JobContext } from '../job';

export interface ImportJobInput {
  readonly source: ImportSource;
  readonly options: ImportOptions;
}

/** Longer than any import within the limits takes; a hang beyond it is ended. */
const LIMIT_MS = 3_600_000;

export async function run({ source, options }: ImportJobInput, context: JobContext): Promise<ImportedPrices> {
  const pending = importPrices(source, options, {
    signal: context.signal,
    emit: (progress) => context.emit(progress),
  });
  return context.whilePending(pending, LIMIT_MS);
}
