/** Datasets: versioned price history with its manifest, rejects and quality report. */
import { z } from 'zod';
import { DATE_FORMATS } from '#quant/prices/date-reader';
import { datasetVersions } from './dataset-versions';
import { operation } from './operation';
import { dateField, idField, instantField, pageInput, refField, sha256Field } from './fields';

export const mappingSchema = z
  .strictObject({
    date: z.string().optional(),
    symbol: z.string().optional(),
    open: z.string().optional(),
    high: z.string().optional(),
    low: z.string().optional(),
    close: z.string().optional(),
    adjClose: z.string().optional(),
    volume: z.string().optional(),
    dividend: z.string().optional(),
    split: z.string().optional(),
  })
  .meta({
    id: 'ColumnMapping',
    title: 'Column mapping',
    description: 'Which column of the file holds what, where it was not found by itself.',
  });

export const sourceSchema = z
  .strictObject({
    prices: z
      .array(z.string().min(1))
      .min(1)
      .meta({ title: 'Price files', description: 'Files or one folder; CSV, gzip CSV, Parquet or vendor JSON.' }),
    companies: z.string().optional().meta({ title: 'Companies file', description: 'Symbol and sector.' }),
    index: z.string().optional().meta({ title: 'Index file', description: 'Benchmark levels by date.' }),
    membership: z.string().optional().meta({ title: 'Membership file', description: 'ticker,start_date,end_date.' }),
  })
  .meta({ id: 'DatasetSource' });

export const importOptionsSchema = z
  .strictObject({
    mapping: mappingSchema.optional(),
    layout: z.string().optional().meta({ title: 'Layout', description: 'Forces a layout instead of detecting it.' }),
    symbol: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .meta({ title: 'Symbol', description: 'Of a file that holds one asset and does not say which.' }),
    delimiter: z.enum([',', ';', '\t', '|']).optional().meta({ title: 'Delimiter' }),
    decimal: z.enum(['.', ',']).optional().meta({ title: 'Decimal mark' }),
    dateFormat: z
      .enum(['ISO', ...DATE_FORMATS])
      .optional()
      .meta({ title: 'Date format' }),
    prices: z.enum(['adjusted', 'raw']).default('adjusted').meta({
      title: 'Prices',
      description:
        'Adjusted: open, high, low and close are scaled by adjusted close over close where the file has both.',
    }),
    conflicts: z.enum(['refuse', 'keep-last']).default('refuse').meta({ title: 'Conflicting duplicates' }),
    maxBadShare: z.number().gte(0).lte(1).default(0.01).meta({ title: 'Bad rows allowed', unit: 'share of rows' }),
    from: dateField.optional(),
    to: dateField.optional(),
  })
  .meta({ id: 'ImportOptions' });

export const findingSchema = z
  .object({
    kind: z.string(),
    severity: z.enum(['info', 'warning', 'error']),
    title: z.string(),
    count: z.number().int(),
    samples: z.array(
      z.object({ asset: z.string(), date: z.string(), value: z.number().nullable(), note: z.string().optional() }),
    ),
    /** What the import did about it, in words. */
    action: z.string(),
  })
  .meta({ id: 'QualityFinding' });

export const qualityReportSchema = z
  .object({
    findings: z.array(findingSchema),
    coverageByYear: z.array(
      z.object({ year: z.number().int(), assets: z.number().int(), rows: z.number().int(), share: z.number() }),
    ),
  })
  .meta({ id: 'QualityReport' });
export type QualityReport = z.infer<typeof qualityReportSchema>;

export const rejectSchema = z
  .object({
    file: z.string(),
    line: z.number().int().nullable(),
    column: z.string().nullable(),
    reason: z.string(),
    text: z.string(),
  })
  .meta({ id: 'RejectedRow' });

export const manifestSchema = z
  .object({
    rows: z.number().int(),
    rejectedRows: z.number().int(),
    assets: z.number().int(),
    firstDate: dateField,
    lastDate: dateField,
    layout: z.string(),
    dateFormat: z.string(),
    /** How prices were adjusted, in words. */
    adjustment: z.string(),
    equalDuplicates: z.number().int(),
    conflictingDuplicates: z.number().int(),
    outsideSpan: z.number().int().meta({ description: 'Rows outside the chosen dates.' }),
    fields: z.array(z.string()),
    sources: z.array(z.object({ name: z.string(), role: z.string(), bytes: z.number().int(), sha256: sha256Field })),
    hasSectors: z.boolean(),
    hasMembership: z.boolean(),
    benchmark: z.string().nullable(),
    /** Set for generated markets: preset and seed. */
    generator: z.object({ preset: z.string(), seed: z.number().int() }).nullable(),
  })
  .meta({ id: 'Manifest' });
export type Manifest = z.infer<typeof manifestSchema>;

export const datasetSchema = z
  .object({
    id: idField,
    name: z.string(),
    version: z.number().int(),
    contentHash: sha256Field,
    createdAt: instantField,
    manifest: manifestSchema,
    findings: z.object({ error: z.number().int(), warning: z.number().int(), info: z.number().int() }),
  })
  .meta({ id: 'Dataset' });
export type Dataset = z.infer<typeof datasetSchema>;

export const previewSchema = z
  .object({
    layout: z.string().nullable(),
    delimiter: z.string().nullable(),
    decimal: z.string().nullable(),
    dateFormat: z.string().nullable(),
    files: z.array(z.object({ name: z.string(), role: z.string(), layout: z.string().nullable() })),
    columns: z.array(z.string()),
    mapping: mappingSchema,
    rows: z.array(z.array(z.string().nullable())),
    problems: z.array(z.object({ severity: z.enum(['warning', 'error']), message: z.string() })),
  })
  .meta({ id: 'ImportPreview' });
export type ImportPreview = z.infer<typeof previewSchema>;

const nameField = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,59}$/, 'Expected up to 60 lower-case letters, digits, dots, dashes or underscores.')
  .meta({ title: 'Name', examples: ['sp500'] });

const jobStarted = z.object({ job: idField, dataset: idField });

export const datasets = {
  list: operation({
    method: 'GET',
    path: '/datasets',
    summary: 'Datasets, newest first',
    input: z.strictObject(pageInput),
    output: z.object({ datasets: z.array(datasetSchema), total: z.number().int() }),
  }),
  show: operation({
    method: 'GET',
    path: '/datasets/{dataset}',
    summary: 'One dataset with its manifest',
    positional: ['dataset'],
    input: z.strictObject({ dataset: refField }),
    output: datasetSchema,
  }),
  preview: operation({
    method: 'POST',
    path: '/datasets/preview',
    summary: 'Look at a source before importing it: layout, mapping, first rows, problems',
    scope: 'train',
    positional: ['prices'],
    input: z.strictObject({ ...sourceSchema.shape, options: importOptionsSchema.prefault({}) }),
    output: previewSchema,
  }),
  import: operation({
    method: 'POST',
    path: '/datasets/import',
    summary: 'Import price files as a new dataset, or a new version of the one of that name',
    scope: 'train',
    positional: ['prices'],
    input: z.strictObject({ name: nameField, ...sourceSchema.shape, options: importOptionsSchema.prefault({}) }),
    output: jobStarted,
  }),
  backfill: operation({
    method: 'POST',
    path: '/datasets/{dataset}/backfill',
    summary: 'Fill gaps and earlier days of a dataset from further files, as its next version; what is known stays',
    scope: 'train',
    positional: ['dataset', 'prices'],
    input: z.strictObject({
      dataset: refField,
      ...sourceSchema.shape,
      options: importOptionsSchema.prefault({}),
    }),
    output: jobStarted,
  }),
  upload: operation({
    method: 'POST',
    path: '/datasets/upload',
    summary: 'Hand over one source file; the answer is a path that import and preview accept',
    scope: 'train',
    input: z.strictObject({ file: z.file() }),
    output: z.object({ path: z.string(), name: z.string(), bytes: z.number().int() }),
  }),
  generate: operation({
    method: 'POST',
    path: '/datasets/generate',
    summary: 'Make a sample market with a seed',
    scope: 'train',
    input: z.strictObject({
      name: nameField.default('sample'),
      preset: z.enum(['small', 'sp500']).default('small').meta({ title: 'Preset' }),
      seed: z.coerce.number().int().min(0).default(1).meta({ title: 'Seed' }),
    }),
    output: jobStarted,
  }),
  quality: operation({
    method: 'GET',
    path: '/datasets/{dataset}/quality',
    summary: 'The quality report of a dataset',
    positional: ['dataset'],
    input: z.strictObject({ dataset: refField }),
    output: qualityReportSchema,
  }),
  rejects: operation({
    method: 'GET',
    path: '/datasets/{dataset}/rejects',
    summary: 'Rows that the import refused, with file, line, column and reason',
    positional: ['dataset'],
    input: z.strictObject({ dataset: refField, ...pageInput }),
    output: z.object({ rejects: z.array(rejectSchema), total: z.number().int() }),
  }),
  assets: operation({
    method: 'GET',
    path: '/datasets/{dataset}/assets',
    summary: 'The assets of a dataset with their span and coverage',
    positional: ['dataset'],
    input: z.strictObject({ dataset: refField }),
    output: z.object({
      assets: z.array(
        z.object({
          asset: z.string(),
          sector: z.string(),
          firstDate: z.string(),
          lastDate: z.string(),
          rows: z.number().int(),
          gaps: z.number().int(),
        }),
      ),
      /** One character per asset and month: '#' full, '+' partial, '.' none. */
      months: z.array(z.string()),
      coverage: z.array(z.string()),
    }),
  }),
  prices: operation({
    method: 'GET',
    path: '/datasets/{dataset}/prices/{asset}',
    summary: 'The price history of one asset',
    positional: ['dataset', 'asset'],
    input: z.strictObject({
      dataset: refField,
      asset: z.string().min(1),
      from: dateField.optional(),
      to: dateField.optional(),
    }),
    output: z.object({
      dates: z.array(z.string()),
      open: z.array(z.number().nullable()),
      high: z.array(z.number().nullable()),
      low: z.array(z.number().nullable()),
      close: z.array(z.number().nullable()),
      volume: z.array(z.number().nullable()),
    }),
  }),
  remove: operation({
    method: 'DELETE',
    path: '/datasets/{dataset}',
    summary: 'Remove a dataset that no run uses',
    scope: 'execute',
    positional: ['dataset'],
    input: z.strictObject({ dataset: refField }),
    output: z.object({ removed: idField }),
  }),
  ...datasetVersions,
};
