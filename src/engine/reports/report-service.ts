/**
 * Reports: asked for, made by a job, kept encrypted, downloaded, removed, and gone when their time is up. `request` is also what a schedule calls.
 */
import { z } from 'zod';
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import { jobStatusSchema } from '#contract/jobs';
import {
  mediaTypeOf,
  reportFormatSchema,
  reportKindSchema,
  reportRequestSchema,
  type Report,
  type ReportFormat,
  type ReportRequest,
} from '#contract/reports';
import type { JobRequest } from '../jobs/queue';
import { inTransaction, type Database } from '../store/database';
import type { JobRow } from '../store/jobs-table';
import type { ObjectStore } from '../store/object-store';
import { createUlid } from '../store/ulid';
import { readFacts, type FactSources } from './report-facts';
import { createReportTable, type ReportRow } from './report-table';

const DAY_MS = 86_400_000;
const LONGEST_STEM = 80;

export interface ReportServiceOptions extends FactSources {
  readonly database: Database;
  readonly objects: ObjectStore;
  /** Stores a job within the caller's transaction and returns its identifier. */
  enqueue(request: JobRequest): string;
  now(): number;
}

const storedRequest = z.looseObject({ locale: z.enum(['en', 'de']) });
const answerSchema = z.object({
  title: z.string(),
  files: z.array(z.object({ format: reportFormatSchema, bytes: z.instanceof(Uint8Array) })),
});

export function createReportService({ database, objects, enqueue, now, ...sources }: ReportServiceOptions) {
  const { runs, datasets } = sources;
  const table = createReportTable(database);

  function row(ref: string): ReportRow {
    const found = table.find(ref);
    if (found !== undefined) return found;
    throw new AppError(
      'NOT_FOUND',
      `Expected a report numbered "${ref}", found none. List them with: sextant reports list.`,
    );
  }

  /** The run that a report is about: finished, or the report would have nothing to say. */
  function subjectOf(request: ReportRequest): { run: string | null; dataset: string; title: string } {
    if (request.kind === 'dataset' && request.dataset !== undefined) {
      const { id, name } = datasets.find(request.dataset);
      return { run: null, dataset: id, title: name };
    }
    const found = runs.find(request.run, { finished: true });
    const run = runs.show(found.id);
    if (run.status !== 'succeeded') {
      throw new AppError(
        'CONFLICT',
        `Expected a finished run, found ${run.name} ${run.status}. Wait for it, or choose another.`,
      );
    }
    return { run: run.id, dataset: run.dataset.id, title: run.config.experiment.name };
  }

  /** Stores the request and its job together. Errors: NOT_FOUND, CONFLICT. */
  function request(input: ReportRequest): { report: string; job: string } {
    const { run, dataset, title } = subjectOf(input);
    const at = now();
    const report = createUlid(at);
    return inTransaction(database, () => {
      const job = enqueue({
        kind: 'report',
        subject: report,
        title: `${input.kind}: ${title}`.slice(0, 200),
        payload: {},
      });
      table.insert({
        id: report,
        kind: input.kind,
        title: `${input.kind}: ${title}`,
        run,
        dataset,
        job,
        created_at: at,
        expires_at: at + input.keepDays * DAY_MS,
        request: canonicalJson(input),
      });
      return { report, job };
    });
  }

  /** What the worker needs. */
  async function prepare(job: JobRow) {
    const { run, dataset, created_at: at, request: text } = row(job.subject);
    return readFacts(sources, { request: reportRequestSchema.parse(JSON.parse(text)), run, dataset, at });
  }

  async function complete(job: JobRow, answer: unknown): Promise<() => void> {
    const { title, files } = answerSchema.parse(answer);
    const { id, kind, run_name: run, created_at: at } = row(job.subject);
    const stem = stemOf(kind, run ?? title, at);
    await prune();
    const stored: { format: ReportFormat; hash: string; bytes: number }[] = [];
    for (const { format, bytes } of files) stored.push({ format, ...(await objects.putObject([bytes])) });
    return () => {
      table.retitle(id, title);
      for (const { format, hash, bytes } of stored) {
        table.insertFile({ report: id, format, filename: `${stem}.${format}`, hash, bytes });
      }
    };
  }

  async function contentOf(ref: string, format: ReportFormat): Promise<{ filename: string; bytes: Uint8Array }> {
    const report = row(ref);
    const files = table.files(report.id);
    const file = files.find((candidate) => candidate.format === format);
    if (file !== undefined) return { filename: file.filename, bytes: await objects.getObject(file.hash) };
    const found =
      files.length === 0 ? `a report that is ${report.status}` : files.map((item) => item.format).join(', ');
    throw new AppError(
      files.length === 0 ? 'CONFLICT' : 'NOT_FOUND',
      `Expected a finished report with a ${format} file, found ${found}. ${files.length === 0 ? 'Wait for its job.' : 'Choose one of these, or create the report with this format.'}`,
    );
  }

  async function download(ref: string, format: ReportFormat) {
    const { filename, bytes } = await contentOf(ref, format);
    const isBinary = format === 'pdf' || format === 'xlsx';
    const encoding = isBinary ? ('base64' as const) : ('utf8' as const);
    return { filename, mediaType: mediaTypeOf(format), encoding, text: Buffer.from(bytes).toString(encoding) };
  }

  /** Files that no other row needs go at once; a crash in between leaves them to the sweep at the next start. */
  async function remove(ref: string): Promise<string> {
    const { id, status } = row(ref);
    if (status === 'queued' || status === 'running') {
      throw new AppError('CONFLICT', `Expected a report that is finished, found it ${status}. Cancel its job first.`);
    }
    const hashes = table.files(id).map(({ hash }) => hash);
    inTransaction(database, () => table.remove(id));
    for (const hash of new Set(hashes)) if (!table.isReferenced(hash)) await objects.remove(hash);
    return id;
  }

  /** Removes reports whose time is up; called at every start and after every report. */
  async function prune(): Promise<number> {
    const due = table.expired(now());
    for (const id of due) await remove(id);
    return due.length;
  }

  function toReport(found: ReportRow): Report {
    return {
      id: found.id,
      kind: reportKindSchema.parse(found.kind),
      title: found.title,
      run: found.run,
      runName: found.run_name,
      dataset: found.dataset,
      job: found.job,
      status: jobStatusSchema.parse(found.status),
      createdAt: new Date(found.created_at).toISOString(),
      expiresAt: new Date(found.expires_at).toISOString(),
      locale: storedRequest.parse(JSON.parse(found.request)).locale,
      files: table.files(found.id).map(({ format, filename, bytes, hash }) => ({
        format: reportFormatSchema.parse(format),
        filename,
        bytes,
        sha256: hash,
      })),
    };
  }

  return {
    request,
    prepare,
    complete,
    download,
    remove,
    prune,
    preview: async (ref: string) => ({ html: Buffer.from((await contentOf(ref, 'html')).bytes).toString('utf8') }),
    show: (ref: string): Report => toReport(row(ref)),
    list(filter: { run?: string | undefined; limit: number; offset: number }) {
      const run = filter.run === undefined ? null : runs.find(filter.run).id;
      const { rows, total } = table.list({ ...filter, run });
      return { reports: rows.map(toReport), total };
    },
  };
}
export type ReportService = ReturnType<typeof createReportService>;

/** `performance-<run>-2026-11-20`: letters, digits and dashes only, so that any system can hold the file. */
function stemOf(kind: string, subject: string, at: number): string {
  const name = subject
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, LONGEST_STEM);
  return [kind, name, new Date(at).toISOString().slice(0, 10)].filter((part) => part !== '').join('-');
}
