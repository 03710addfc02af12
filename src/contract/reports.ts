/**
 * Reports: documents that a job makes from what the workspace holds about a run or a dataset. They are kept encrypted, with their history,
 * until they are exported or their time is up; every export is on record.
 */
import { z } from 'zod';
import { operation } from './operation';
import { idField, instantField, pageInput, refField, sha256Field } from './fields';
import { jobStatusSchema } from './jobs';

export const REPORT_KINDS = [
  'summary',
  'performance',
  'comparison',
  'recommendation',
  'rebalance',
  'risk',
  'model',
  'dataset',
  'live',
  'daily',
] as const;
export const reportKindSchema = z.enum(REPORT_KINDS).meta({
  title: 'Kind',
  description:
    'summary: one page, verdict first. performance: the full tear sheet. comparison: every strategy against every other. ' +
    'recommendation: a documented decision rule. rebalance: target weights and trades. risk: limits, stress, compliance. ' +
    'model: model card. dataset: dataset card and quality. live: the last 30 days against expectation. daily: snapshot of today.',
});
export type ReportKind = z.infer<typeof reportKindSchema>;

export const REPORT_FORMATS = ['pdf', 'xlsx', 'html', 'md', 'json'] as const;
export const reportFormatSchema = z.enum(REPORT_FORMATS);
export type ReportFormat = z.infer<typeof reportFormatSchema>;

const MEDIA_TYPES = {
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  html: 'text/html',
  md: 'text/markdown',
  json: 'application/json',
} as const satisfies Record<ReportFormat, string>;
export const mediaTypeOf = (format: ReportFormat): string => MEDIA_TYPES[format];

const color = z.string().regex(/^#[0-9A-Fa-f]{6}$/, 'Expected a color as #RRGGBB.');

/** 512 KiB as base64, and the head of a data address. */
const MOST_LOGO_TEXT = 700_100;

export const reportTemplateSchema = z
  .strictObject({
    organization: z.string().max(120).default('').meta({ title: 'Organization' }),
    logo: z
      .string()
      .max(MOST_LOGO_TEXT, 'Expected a logo of at most 512 KiB.')
      .regex(/^data:image\/(png|jpeg);base64,[A-Za-z0-9+/]+={0,2}$/, 'Expected a PNG or JPEG as a base64 data address.')
      .optional()
      .meta({ title: 'Logo', description: 'PNG or JPEG. In a template file: a path beside it.' }),
    colors: z
      .strictObject({
        accent: color.default('#1F5FBF'),
        ours: color.default('#1F5FBF'),
        baseline: color.default('#8A6D1B'),
        benchmark: color.default('#6B6E74'),
      })
      .prefault({})
      .meta({ title: 'Colors' }),
    sections: z
      .array(z.string().min(1).max(60))
      .max(60)
      .optional()
      .meta({ title: 'Sections', description: 'Names of sections in their order; all of the kind unless named.' }),
    disclaimers: z.array(z.string().min(1).max(4000)).max(20).default([]).meta({ title: 'Disclaimers' }),
    rule: z
      .strictObject({
        level: z.number().gt(0).lt(0.5).default(0.05).meta({ title: 'Significance level' }),
        maxDrawdown: z.number().gt(0).lte(1).default(0.35).meta({ title: 'Deepest drawdown', unit: 'fraction' }),
        maxTurnover: z.number().gt(0).lte(2).default(0.5).meta({ title: 'Turnover a rebalance', unit: 'one-way' }),
        minFoldShare: z
          .number()
          .gte(0)
          .lte(1)
          .default(0.5)
          .meta({ title: 'Folds ahead of equal weight', unit: 'share' }),
        complexityPenalty: z
          .number()
          .gte(0)
          .lte(1)
          .default(0.02)
          .meta({ title: 'Complexity penalty', unit: 'Sharpe ratio a point' }),
      })
      .prefault({})
      .meta({ title: 'Decision rule', description: 'Limits of the recommendation.' }),
  })
  .meta({ id: 'ReportTemplate', title: 'Template' });
export type ReportTemplate = z.infer<typeof reportTemplateSchema>;

const formatsField = z
  .union([z.array(reportFormatSchema), z.string().transform((text) => text.split(',').map((part) => part.trim()))])
  .pipe(z.array(reportFormatSchema).min(1).max(REPORT_FORMATS.length))
  .transform((formats) => [...new Set(formats)]);

export const reportRequestSchema = z.strictObject({
  run: refField.default('latest').meta({ title: 'Run' }),
  dataset: refField.optional().meta({
    title: 'Dataset',
    description: 'Of a dataset report; the dataset of the run unless named.',
  }),
  kind: reportKindSchema.default('performance'),
  format: formatsField
    .default(['html'])
    .meta({ title: 'Formats', description: 'pdf, xlsx, html, md, json; several with commas.' }),
  locale: z.enum(['en', 'de']).default('en').meta({ title: 'Language' }),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'Expected a currency of three capital letters (ISO 4217).')
    .optional()
    .meta({ title: 'Currency', description: 'Written behind amounts; prices carry none.' }),
  paper: z.enum(['a4', 'letter']).default('a4').meta({ title: 'Paper' }),
  template: reportTemplateSchema.prefault({}),
  keepDays: z.coerce.number().int().min(1).max(3650).default(365).meta({ title: 'Keep', unit: 'days' }),
});
export type ReportRequest = z.infer<typeof reportRequestSchema>;

export const reportSchema = z
  .object({
    id: idField,
    kind: reportKindSchema,
    title: z.string(),
    /** Null for a report of a dataset that no run was named for. */
    run: idField.nullable(),
    runName: z.string().nullable(),
    dataset: idField,
    job: idField,
    status: jobStatusSchema,
    createdAt: instantField,
    expiresAt: instantField,
    locale: z.enum(['en', 'de']),
    files: z.array(
      z.object({ format: reportFormatSchema, filename: z.string(), bytes: z.number().int(), sha256: sha256Field }),
    ),
  })
  .meta({ id: 'Report' });
export type Report = z.infer<typeof reportSchema>;

export const reportDocumentSchema = z.object({
  filename: z.string(),
  mediaType: z.string(),
  encoding: z.enum(['utf8', 'base64']),
  text: z.string(),
});

export const reports = {
  create: operation({
    method: 'POST',
    path: '/reports',
    summary: 'Make a report; a child process writes it in every format that is named',
    scope: 'train',
    input: reportRequestSchema,
    output: z.object({ report: idField, job: idField }),
  }),
  list: operation({
    method: 'GET',
    path: '/reports',
    summary: 'Reports, newest first',
    input: z.strictObject({ ...pageInput, run: refField.optional() }),
    output: z.object({ reports: z.array(reportSchema), total: z.number().int() }),
  }),
  show: operation({
    method: 'GET',
    path: '/reports/{report}',
    summary: 'One report with its files',
    positional: ['report'],
    input: z.strictObject({ report: refField }),
    output: reportSchema,
  }),
  download: operation({
    method: 'POST',
    path: '/reports/{report}/download',
    summary: 'One file of a report, decrypted; the export goes into the audit log',
    scope: 'export',
    positional: ['report'],
    input: z.strictObject({ report: refField, format: reportFormatSchema.default('html') }),
    output: reportDocumentSchema,
  }),
  preview: operation({
    method: 'GET',
    path: '/reports/{report}/preview',
    summary: 'The HTML file of a report to look at inside Sextant',
    sensitive: true,
    positional: ['report'],
    input: z.strictObject({ report: refField }),
    output: z.object({ html: z.string() }),
  }),
  remove: operation({
    method: 'DELETE',
    path: '/reports/{report}',
    summary: 'Remove a report and its files',
    scope: 'execute',
    positional: ['report'],
    input: z.strictObject({ report: refField }),
    output: z.object({ removed: idField }),
  }),
};
