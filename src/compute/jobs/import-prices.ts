/** The import of price files. Opens only the files that the user named; everything it makes leaves as its result. */
import { backfillHistory, type ImportBase } from '../import/backfill-history';
import { importPrices } from '../import/import-prices';
import type { ImportedPrices, ImportOptions, ImportSource } from '../import/import-types';
import type { JobContext } from '../job';

export interface ImportJobInput {
  readonly source: ImportSource;
  readonly options: ImportOptions;
  /** The history that the files fill up; absent where they stand for themselves. */
  readonly base?: ImportBase;
}

/** Longer than any import within the limits takes; a hang beyond it is ended. */
const LIMIT_MS = 3_600_000;

export async function run({ source, options, base }: ImportJobInput, context: JobContext): Promise<ImportedPrices> {
  const pending = importPrices(source, options, {
    signal: context.signal,
    emit: (progress) => context.emit(progress),
  });
  const imported = await context.whilePending(pending, LIMIT_MS);
  return base === undefined ? imported : backfillHistory(base, imported);
}
