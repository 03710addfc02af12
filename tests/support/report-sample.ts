/** A small real run to make reports of, and the facts of it as the engine hands them over, for tests that bend them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildReport } from '#compute/reports/build-report';
import type { ReportFacts } from '#compute/reports/facts';
import type { Report } from '#compute/reports/model';
import { renderHtml } from '#compute/reports/html/render-html';
import { renderPdf } from '#compute/reports/pdf/render-pdf';
import { renderJson, renderMarkdown } from '#compute/reports/render-text';
import { renderXlsx } from '#compute/reports/xlsx/render-xlsx';
import type { Client } from '#contract/client';
import { reportTemplateSchema, type ReportFormat } from '#contract/reports';
import { scratchFolder } from './scratch';
import type { TestEngine } from './engine-host';

export const SAMPLE_CONFIG = {
  data: { dataset: 'sample' },
  model: { forecast: { id: 'ridge' }, optimizer: { id: 'mean-variance' }, constraints: { maxWeight: 0.1 } },
  backtest: { window: { train: 252 }, lookback: 126 },
  experiment: {
    name: 'committee',
    bootstrap: { replications: 100 },
    compare: [
      { name: 'hrp', forecast: null, optimizer: { id: 'hrp' } },
      { name: 'min-variance', forecast: null, optimizer: { id: 'min-variance' } },
    ],
  },
};

/** Generates the sample market and finishes one run on it. @returns the run's identifier */
export async function makeSampleRun(host: TestEngine): Promise<string> {
  await host.finished((await host.client.datasets.generate({})).job);
  const { run, job } = await host.client.runs.start({ config: SAMPLE_CONFIG });
  const { error } = await host.finished(job);
  if (error !== null) throw new Error(error.message);
  return run;
}

export async function factsOf(client: Client, id: string): Promise<ReportFacts> {
  const run = await client.runs.show({ run: id });
  const series = await client.runs.series({ run: id });
  return {
    kind: 'performance',
    generatedAt: '2026-11-20T12:00:00.000Z',
    locale: 'en',
    currency: 'USD',
    paper: 'a4',
    template: reportTemplateSchema.parse({}),
    workspace: 'workspace',
    version: { app: '0.0.0-test', gitCommit: null, lockHash: 'test' },
    dataset: await client.datasets.show({ dataset: run.dataset.id }),
    quality: await client.datasets.quality({ dataset: run.dataset.id }),
    rejectedRows: 0,
    run: {
      run,
      series,
      portfolio: await client.portfolios.show({ portfolio: id }),
      lastWeights: null,
      peers: [],
      risk: null,
      live: null,
      computation: 'sample',
    },
    audit: [],
  };
}

export function sampleOf(facts: ReportFacts): { readonly run: NonNullable<ReportFacts['run']> } {
  if (facts.run === null) throw new Error('These facts are of no run.');
  return { run: facts.run };
}

/** The same facts with a part of the run changed. */
export function withRun(facts: ReportFacts, change: Partial<NonNullable<ReportFacts['run']>>): ReportFacts {
  return { ...facts, run: { ...sampleOf(facts).run, ...change } };
}

const RENDERERS: Readonly<Record<ReportFormat, (report: Report) => Uint8Array | Promise<Uint8Array>>> = {
  pdf: renderPdf,
  xlsx: renderXlsx,
  html: renderHtml,
  md: renderMarkdown,
  json: renderJson,
};

/** The facts in one format. */
export async function rendered(facts: ReportFacts, format: ReportFormat): Promise<Buffer> {
  return Buffer.from(await RENDERERS[format](buildReport(facts)));
}

/** Writes bytes to a scratch file for a program that reads files. */
export function asFile(name: string, bytes: Uint8Array): string {
  const path = join(scratchFolder(), name);
  writeFileSync(path, bytes);
  return path;
}
