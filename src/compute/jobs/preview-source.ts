/** A look at a source before its import: layout, mapping, first rows, problems. Opens only the files that the user named. */
import { previewSource } from '../import/preview-source';
import type { ImportOptions, ImportSource, SourcePreview } from '../import/import-types';
import type { JobContext } from '../job';

export interface PreviewJobInput {
  readonly source: ImportSource;
  readonly options: ImportOptions;
}

export async function run({ source, options }: PreviewJobInput, context: JobContext): Promise<SourcePreview> {
  return context.whilePending(previewSource(source, options, { signal: context.signal }));
}
