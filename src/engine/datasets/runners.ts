/** How the queue works on dataset jobs: what the worker gets, and how its answer becomes a dataset. */
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import {
  importOptionsSchema,
  manifestSchema,
  qualityReportSchema,
  rejectSchema,
  sourceSchema,
} from '#contract/datasets';
import type { PrivacyConfig } from '#contract/privacy';
import type { Panel } from '#quant/panel';
import type { Host } from '../host';
import type { Runner } from '../jobs/runner';
import type { JobRow } from '../store/jobs-table';
import type { DatasetService } from './dataset-service';
import { INCOMING } from './handlers';

const importPayload = z.strictObject({
  name: z.string(),
  source: sourceSchema,
  options: importOptionsSchema,
  /** Identifier of the dataset that is filled up. */
  base: z.string().optional(),
});
const generatePayload = z.strictObject({ name: z.string(), preset: z.enum(['small', 'sp500']), seed: z.int() });

/** What the worker answers; arrays are checked by their types, documents by their schemas. */
const answerSchema = z.object({
  panel: z.custom<Panel>(
    (value) => typeof value === 'object' && value !== null && 'dates' in value && 'fields' in value,
  ),
  benchmark: z.object({ name: z.string(), levels: z.instanceof(Float64Array) }).nullable(),
  manifest: manifestSchema
    .omit({ generator: true })
    .extend({ generator: manifestSchema.shape.generator.default(null) }),
  rejects: z.array(rejectSchema),
  quality: qualityReportSchema,
});

export interface DatasetRunnerOptions {
  readonly datasets: DatasetService;
  readonly host: Pick<Host, 'now' | 'workspace' | 'log'>;
  personalData(): PrivacyConfig['personalData'];
}

export function createDatasetRunners({ datasets, host, personalData }: DatasetRunnerOptions): {
  readonly 'import-dataset': Runner;
  readonly 'generate-dataset': Runner;
} {
  async function complete(job: JobRow, result: unknown): Promise<() => void> {
    const { name } = z.object({ name: z.string() }).parse(job.payload);
    const { panel, benchmark, manifest, rejects, quality } = answerSchema.parse(result);
    return datasets.store({
      id: job.subject,
      name,
      job: job.id,
      history: { panel, benchmark },
      manifest,
      quality,
      rejects: rejects.map(({ column, ...row }) => ({ ...row, column_name: column })),
    });
  }

  /** Uploaded files are plaintext; they go as soon as their import has ended, however it ended. */
  function dropUploads(job: JobRow): void {
    const folder = join(host.workspace, INCOMING);
    const { source } = importPayload.parse(job.payload);
    const paths = [...source.prices, source.companies, source.index, source.membership];
    for (const path of paths) {
      if (path === undefined || dirname(dirname(path)) !== folder) continue;
      rm(dirname(path), { recursive: true, force: true }).catch((error: unknown) => {
        host.log.warn('An uploaded file could not be removed; the next start removes it.', { error: String(error) });
      });
    }
  }

  return {
    'import-dataset': {
      resource: 'cpu',
      prepare: async (job) => {
        const { source, options, base } = importPayload.parse(job.payload);
        // The day the import was asked for, so that a resumed job judges the same rows as future ones.
        const today = new Date(job.createdAt).toISOString().slice(0, 10);
        return {
          name: 'import-prices',
          input: {
            source,
            options: { ...options, today, personalData: personalData() },
            ...(base !== undefined && {
              base: { ...(await datasets.history(base)), manifest: datasets.find(base).manifest },
            }),
          },
        };
      },
      complete: async (job, result) => {
        const store = await complete(job, result);
        return () => {
          store();
          dropUploads(job);
        };
      },
      fail: dropUploads,
    },
    'generate-dataset': {
      resource: 'cpu',
      prepare: async (job) => {
        const { preset, seed } = generatePayload.parse(job.payload);
        return { name: 'generate-market', input: { preset, seed } };
      },
      complete,
    },
  };
}
