/** What a report is made of can be thin, huge or strange: it is a good report or a clear error, never half a file. */
import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildReport } from '#compute/reports/build-report';
import type { ReportFacts } from '#compute/reports/facts';
import { REPORT_FORMATS, REPORT_KINDS, reportRequestSchema, reportTemplateSchema } from '#contract/reports';
import { buildScript } from '../support/build-script';
import { openTestEngine, type TestEngine } from '../support/engine-host';
import { readPdf } from '../support/pdf-reader';
import { asFile, factsOf, makeSampleRun, rendered, sampleOf, withRun } from '../support/report-sample';
import { scratchFolder } from '../support/scratch';

let host: TestEngine;
let facts: ReportFacts;

beforeAll(async () => {
  host = await openTestEngine();
  facts = await factsOf(host.client, await makeSampleRun(host));
}, 120_000);
afterAll(() => host[Symbol.asyncDispose]());

function everyKind(changed: ReportFacts): string {
  return REPORT_KINDS.map((kind) => JSON.stringify(buildReport({ ...changed, kind }))).join('\n');
}

function extracted(pdf: Buffer): string | null {
  if (spawnSync('pdftotext', ['-v']).error !== undefined) return null;
  return execFileSync('pdftotext', [asFile('report.pdf', pdf), '-'], { encoding: 'utf8' });
}

describe('a run', () => {
  test('without trades says so', () => {
    const { series } = sampleOf(facts).run;
    const strategies = series.strategies.map((strategy) => ({
      ...strategy,
      equity: strategy.equity.map(() => 1),
      drawdown: strategy.drawdown.map(() => 0),
      rebalances: [],
    }));
    expect(everyKind(withRun(facts, { series: { ...series, strategies }, portfolio: null }))).toMatch(/never traded/);
  });

  test('with one fold, or without a portfolio, says what cannot be judged', () => {
    const { run } = sampleOf(facts).run;
    const thin = withRun(facts, { run: { ...run, folds: run.folds.slice(0, 1) }, portfolio: null });
    expect(everyKind(thin)).toMatch(/One fold only/);
    expect(buildReport({ ...thin, kind: 'rebalance' }).verdict).toMatch(/no portfolio/);
  });

  test('with measures that are not numbers shows the reason, never NaN', async () => {
    const { run } = sampleOf(facts).run;
    const strategies = run.strategies.map((strategy) => ({
      ...strategy,
      metrics: Object.fromEntries(
        Object.keys(strategy.metrics).map((name) => [name, { value: NaN, low: NaN, high: Infinity }]),
      ),
    }));
    const broken = withRun(facts, { run: { ...run, strategies } });
    for (const format of ['md', 'json', 'html'] as const) {
      const text = (await rendered(broken, format)).toString().replaceAll(/<script>[\s\S]*?<\/script>/g, '');
      expect(text, format).not.toMatch(/\bNaN\b|Infinity/);
      expect(text, format).toMatch(/not a finite number|not computable/);
    }
  });
});

describe('a large report', () => {
  test('2,000 assets over 40 years: every format, every row, HTML below 6 MB', { timeout: 120_000 }, async () => {
    const { run, portfolio, series } = sampleOf(facts).run;
    if (portfolio === null) throw new Error('The sample has a portfolio.');
    const days = 40 * 252;
    const dates = Array.from({ length: days }, (_, t) =>
      new Date(Date.UTC(1984, 0, 2) + t * 1.449 * 86_400_000).toISOString().slice(0, 10),
    );
    const long = <Value>(values: readonly Value[]) => Array.from({ length: days }, (_, t) => values[t % values.length]);
    const weights = Array.from({ length: 2000 }, (_, i) => ({
      ...portfolio.weights[0],
      asset: `A${i}`,
      weight: 1 / 2000,
    }));
    const months = [...new Set(dates.map((day) => day.slice(0, 7)))].map((month) => ({ month, return: 0.01 }));
    const large = withRun(facts, {
      run: { ...run, strategies: run.strategies.map((strategy) => ({ ...strategy, monthly: months })) },
      portfolio: { ...portfolio, weights },
      series: {
        dates,
        strategies: series.strategies.map((strategy) => ({
          ...strategy,
          equity: long(strategy.equity),
          gross: long(strategy.gross),
          drawdown: long(strategy.drawdown),
          rollingSharpe: long(strategy.rollingSharpe),
          exposure: long(strategy.exposure),
        })),
      },
    });
    for (const format of REPORT_FORMATS) {
      const bytes = await rendered(large, format);
      if (format === 'html') expect(bytes.length).toBeLessThan(6e6);
      if (format === 'md') expect(bytes.toString()).toContain('| A1999 |');
      if (format === 'pdf') expect(readPdf(bytes).pages).toBeGreaterThan(30);
    }
  });
});

describe('names', () => {
  const names = [
    '長江基礎設施',
    '中文策略名称',
    'استراتيجية المخاطر',
    'Стратегия',
    `${'very long '.repeat(30)}`.slice(0, 300),
    'emoji 🚀',
    '<script>alert(1)</script>',
  ];

  test.each(names)('%s is drawn whole, in every format', { timeout: 60_000 }, async (name) => {
    const { run, series } = sampleOf(facts).run;
    const named = withRun(facts, {
      run: { ...run, strategies: run.strategies.map((item, i) => (i === 0 ? { ...item, name } : item)) },
      series: { ...series, strategies: series.strategies.map((item, i) => (i === 0 ? { ...item, name } : item)) },
    });
    const html = (await rendered(named, 'html')).toString();
    expect(html).not.toContain('<script>alert');
    expect(await rendered(named, 'xlsx')).toBeDefined();
    const pdf = await rendered({ ...named, kind: 'comparison' }, 'pdf');
    const text = extracted(pdf);
    if (text === null) return;
    if (name.includes('🚀')) {
      expect(text).toContain('[U+1F680]');
      expect(text).toMatch(/no bundled font can draw/);
      return;
    }
    expect(text).not.toContain('[U+');
    const letters = (value: string) =>
      Array.from(value.normalize('NFKC').replaceAll(/[\s\u200e\u200f\u202a-\u202e]/gu, ''))
        .sort()
        .join('');
    // Right-to-left text comes back in display order: what counts is that no letter is lost.
    for (const letter of new Set(letters(name))) expect(letters(text), `letter ${letter}`).toContain(letter);
  });
});

describe('a template', () => {
  test('with a logo that is not an image is refused, whatever its name says', () => {
    const logo = `data:image/png;base64,${Buffer.from('not an image, whatever it is called'.repeat(3)).toString('base64')}`;
    const template = reportTemplateSchema.parse({ logo });
    expect(() => buildReport({ ...facts, template })).toThrowError(
      expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.stringMatching(/logo/) }),
    );
    expect(reportTemplateSchema.safeParse({ logo: 'logo.svg' }).success).toBe(false);
  });

  test('a job that is given one fails with the reason and leaves no file', async () => {
    const logo = `data:image/png;base64,${Buffer.from('x'.repeat(90)).toString('base64')}`;
    const { report, job } = await host.client.reports.create(reportRequestSchema.parse({ template: { logo } }));
    expect((await host.finished(job)).error).toMatchObject({ code: 'INVALID_CONFIG' });
    expect((await host.client.reports.show({ report })).files).toEqual([]);
  });

  test('orders sections, and refuses names that the kind does not have', () => {
    const template = reportTemplateSchema.parse({ sections: ['curves', 'results'], disclaimers: ['Mind the gap.'] });
    const report = buildReport({ ...facts, template });
    expect(report.sections.map(({ id }) => id)).toEqual(['curves', 'results']);
    expect(report.look.disclaimers).toEqual(['Mind the gap.']);
    const wrong = reportTemplateSchema.parse({ sections: ['no-such'] });
    expect(() => buildReport({ ...facts, template: wrong })).toThrowError(/found "no-such"/);
  });
});

test('a full disk in the middle of an export: DISK_FULL, no half file', async (context) => {
  if (spawnSync('unshare', ['-rm', 'sh', '-c', 'true']).status !== 0)
    context.skip('this machine does not let the test mount a small disk (unshare -rm)');
  const script = await buildScript('tests/support/full-disk.ts');
  const disk = scratchFolder();
  const command = `mount -t tmpfs -o size=8m tmpfs "${disk}" && exec "${process.execPath}" "${script}" document "${disk}"`;
  const said: unknown = JSON.parse(execFileSync('unshare', ['-rm', 'sh', '-c', command], { encoding: 'utf8' }));
  expect(said).toEqual({ code: 'DISK_FULL', left: [], afterwards: 'stored' });
});
