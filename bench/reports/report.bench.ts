/** A report of 40 pages, format by format; goal: the PDF in 5 s. The run is real, its folds are repeated until the document is long enough. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '#base/log';
import { loadProductJob } from '#compute/job';
import { serveJob } from '#compute/serve-job';
import { buildReport } from '#compute/reports/build-report';
import type { ReportFacts } from '#compute/reports/facts';
import { renderHtml } from '#compute/reports/html/render-html';
import { renderPdf } from '#compute/reports/pdf/render-pdf';
import { renderXlsx } from '#compute/reports/xlsx/render-xlsx';
import { reportTemplateSchema } from '#contract/reports';
import { createInlineClient } from '#engine/api/inline';
import { createEngine } from '#engine/engine';
import { inlineLauncher } from '#engine/jobs/inline-worker';
import type { RiskReport } from '#quant/risk/report-types';
import { bench } from '../harness';

const workspace = mkdtempSync(join(tmpdir(), 'sextant-bench-'));
const key = new Uint8Array(32).fill(7);
const engine = await createEngine({
  kind: 'test',
  reason: null,
  workspace,
  keys: {
    read: async () => ({ key, source: 'environment' }),
    create: async () => ({ key, source: 'environment' }),
  },
  spawnWorker: inlineLauncher((port) => serveJob(port, loadProductJob)),
  log: silentLog,
  now: Date.now,
  version: { app: '0.0.0-bench', gitCommit: null, lockHash: 'bench' },
});
try {
  const client = createInlineClient(engine.router, 'bench');
  const ended = async (job: string) => {
    for await (const event of await client.jobs.events({ job })) void event;
  };
  await ended((await client.datasets.generate({})).job);
  const config = {
    data: { dataset: 'sample' },
    backtest: { window: { train: 252 }, lookback: 126 },
    experiment: {
      bootstrap: { replications: 100 },
      compare: [{ name: 'hrp', forecast: null, optimizer: { id: 'hrp' } }],
    },
  };
  const { run: id, job } = await client.runs.start({ config });
  await ended(job);
  const run = await client.runs.show({ run: id });
  const facts: ReportFacts = {
    kind: 'performance',
    generatedAt: '2026-11-20T12:00:00.000Z',
    locale: 'en',
    currency: '',
    paper: 'a4',
    template: reportTemplateSchema.parse({}),
    workspace: 'bench',
    version: { app: '0.0.0-bench', gitCommit: null, lockHash: 'bench' },
    dataset: await client.datasets.show({ dataset: run.dataset.id }),
    quality: await client.datasets.quality({ dataset: run.dataset.id }),
    rejectedRows: 0,
    run: {
      run: { ...run, folds: Array.from({ length: 32 }, () => run.folds).flat() },
      series: await client.runs.series({ run: id }),
      portfolio: await client.portfolios.show({ portfolio: id }),
      lastWeights: null,
      peers: [],
      risk: (await client.runs.risk({ run: id })) as RiskReport, // the contract's form of the same data
      live: null,
      computation: 'bench',
    },
    audit: [],
  };
  const report = buildReport(facts);
  const pdf = Buffer.from(await renderPdf(report)).toString('latin1');
  const pages = pdf.match(/\/Type \/Page\b(?!s)/g)?.length ?? 0;
  await bench({ job: `report, ${pages} pages`, goalMs: 5000, rounds: 3 }, [
    { name: 'PDF', run: () => renderPdf(report) },
    { name: 'HTML', run: () => renderHtml(report) },
    { name: 'Excel', run: () => renderXlsx(report) },
  ]);
} finally {
  await engine.close();
  rmSync(workspace, { recursive: true, force: true });
}
