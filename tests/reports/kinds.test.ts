/** Every kind in every format from a real run, made by the product's own job and taken out through the contract. */
import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildReport } from '#compute/reports/build-report';
import { REPORT_FORMATS, REPORT_KINDS, type ReportFormat, type ReportKind } from '#contract/reports';
import { openTestEngine, type TestEngine } from '../support/engine-host';
import { readPdf } from '../support/pdf-reader';
import { asFile, factsOf, makeSampleRun, rendered, withRun } from '../support/report-sample';

let host: TestEngine;
let run: string;

beforeAll(async () => {
  host = await openTestEngine();
  run = await makeSampleRun(host);
}, 120_000);
afterAll(() => host[Symbol.asyncDispose]());

async function made(kind: ReportKind, more: { locale?: 'de'; paper?: 'letter' } = {}) {
  const { report, job } = await host.client.reports.create({ kind, format: [...REPORT_FORMATS], ...more });
  const { error } = await host.finished(job);
  if (error !== null) throw new Error(`${kind}: ${error.message}`);
  const bytes = new Map<ReportFormat, Buffer>();
  for (const format of REPORT_FORMATS) {
    const { text, encoding } = await host.client.reports.download({ report, format });
    bytes.set(format, Buffer.from(text, encoding));
  }
  return { report, of: (format: ReportFormat) => bytes.get(format) ?? Buffer.alloc(0) };
}

describe('every kind', () => {
  test.each(REPORT_KINDS)('%s is a whole document in every format', { timeout: 60_000 }, async (kind) => {
    const { of, report } = await made(kind);
    const { header } = JSON.parse(of('json').toString()) as { header: string[] }; // written by renderJson
    const html = of('html').toString();
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toMatch(/<\/html>\n$/);
    expect(html).toContain(header.at(-1)?.slice(-12));
    expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    expect(of('md').toString()).toMatch(/^# /);
    expect(of('pdf').subarray(0, 5).toString()).toBe('%PDF-');
    expect(readPdf(of('pdf')).pages).toBeGreaterThan(0);
    expect(of('xlsx').subarray(0, 2).toString()).toBe('PK');
    for (const format of ['md', 'json'] as const)
      expect(of(format).toString()).not.toMatch(/\bNaN\b|undefined|Infinity/);
    expect((await host.client.reports.show({ report })).files.map(({ format }) => format).sort()).toEqual(
      [...REPORT_FORMATS].sort(),
    );
  });

  test('the executive summary is one page', async () => {
    const facts = await factsOf(host.client, run);
    for (const paper of ['a4', 'letter'] as const) {
      expect(readPdf(await rendered({ ...facts, kind: 'summary', paper }, 'pdf')).pages, paper).toBe(1);
    }
  });

  test('every headline states interval or convention, sample and trials; every figure leads to its derivation', async () => {
    const report = buildReport(await factsOf(host.client, run));
    const headlines = report.sections.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.type === 'headlines' ? block.items : [])),
    );
    expect(headlines.length).toBeGreaterThan(4);
    for (const { label, notes, figure } of headlines) {
      expect(notes.length, label).toBeGreaterThan(0);
      expect(report.derivations[figure.derivation ?? ''], label).toBeDefined();
    }
    expect(headlines[0].notes.join(' ')).toMatch(/95 %.*PSR.*DSR.*n = .* days · \d+ trials/);
    for (const { blocks } of report.sections) {
      for (const block of blocks) {
        if (block.type !== 'table') continue;
        for (const cell of block.rows.flatMap(({ cells }) => cells)) {
          if (cell === null || typeof cell === 'string') continue;
          expect(report.derivations[cell.derivation ?? ''], `${block.id} ${cell.value}`).toBeDefined();
        }
      }
    }
    const names = report.provenance.map(([name]) => name);
    expect(names).toEqual(expect.arrayContaining(['Run identifier', 'Seed', 'Dataset hash', 'Computed by']));
  });
});

describe('the same facts', () => {
  test.each(REPORT_FORMATS)(
    'give the same bytes as %s; another time stamp changes nothing else',
    { timeout: 30_000 },
    async (format) => {
      const facts = await factsOf(host.client, run);
      const first = await rendered(facts, format);
      expect((await rendered(facts, format)).equals(first)).toBe(true);
      const later = await rendered({ ...facts, generatedAt: '2026-11-21T12:00:00.000Z' }, format);
      expect(later.equals(first)).toBe(false);
      if (format === 'pdf' || format === 'xlsx') return;
      expect(later.toString().replaceAll('2026-11-21', '2026-11-20')).toBe(first.toString());
    },
  );
});

describe('in German', () => {
  test.each(REPORT_KINDS)('%s has no English text of its own left', async (kind) => {
    const missing = new Set<string>();
    const facts = await factsOf(host.client, run);
    buildReport({ ...facts, kind, locale: 'de' }, (text) => missing.add(text));
    expect([...missing]).toEqual([]);
  });

  test('numbers and dates follow the language', async () => {
    const text = (await rendered({ ...(await factsOf(host.client, run)), locale: 'de' }, 'md')).toString();
    expect(text).toMatch(/\d,\d{2}/);
    expect(text).toContain('Herkunft');
  });
});

test('text can be taken out of the PDF in reading order', async (context) => {
  if (spawnSync('pdftotext', ['-v']).error !== undefined)
    context.skip('pdftotext (poppler-utils) is not on this machine');
  const path = asFile('report.pdf', await rendered(await factsOf(host.client, run), 'pdf'));
  const text = execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' });
  const order = ['Performance report', 'Verdict', 'Results', 'Curves', 'Measures', 'Folds', 'Provenance'].map((title) =>
    text.indexOf(title),
  );
  expect(order.every((at) => at >= 0)).toBe(true);
  expect([...order].sort((a, b) => a - b)).toEqual(order);
  expect(text).toMatch(/Page 1 of \d+/);
  expect(text).not.toContain('[U+');
});

describe('the live validation', () => {
  test('says plainly that there is nothing, and what to expect', async () => {
    const report = buildReport({ ...(await factsOf(host.client, run)), kind: 'live' });
    expect(report.verdict).toMatch(/^Nothing to validate yet/);
    expect(report.sections[0].blocks.some(({ type }) => type === 'chart')).toBe(true);
  });

  test('tells inside from outside the cone', async () => {
    const facts = await factsOf(host.client, run);
    const record = (daily: number) => ({
      source: 'paper',
      dates: Array.from({ length: 31 }, (_, h) => `2024-01-${String(h + 1).padStart(2, '0')}`),
      values: Array.from({ length: 31 }, (_, h) => 100 * (1 + daily) ** h),
    });
    const verdict = (daily: number) =>
      buildReport({ ...withRun(facts, { live: record(daily) }), kind: 'live' }).verdict;
    expect(verdict(0)).toMatch(/inside the 95 % cone/);
    expect(verdict(-0.02)).toMatch(/outside the 95 % cone/);
  });
});
