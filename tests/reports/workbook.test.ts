/** The workbook in LibreOffice: its formulas, recalculated from the equity alone, give the numbers of the app; a changed cell moves them; text stays text. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readXlsx } from 'hucre/xlsx';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { buildReport } from '#compute/reports/build-report';
import type { ReportFacts } from '#compute/reports/facts';
import { openTestEngine, type TestEngine } from '../support/engine-host';
import { factsOf, makeSampleRun, rendered, sampleOf, withRun } from '../support/report-sample';
import { scratchFolder } from '../support/scratch';

const OFFICE = ['soffice', 'libreoffice'].find((name) => spawnSync(name, ['--version']).status === 0);
const SKIPPED = 'LibreOffice is not on this machine (apt-get install libreoffice-calc-nogui)';

let host: TestEngine;
let facts: ReportFacts;

beforeAll(async () => {
  host = await openTestEngine();
  facts = { ...(await factsOf(host.client, await makeSampleRun(host))), kind: 'performance' };
}, 120_000);
afterAll(() => host[Symbol.asyncDispose]());

type Sheets = ReadonlyMap<string, readonly (readonly string[])[]>;

/** Unpacks, lets `change` edit the sheets' XML, packs again. Cached results of formulas are removed, so that a reader must compute. */
function withoutResults(bytes: Buffer, change: (xml: string) => string = (xml) => xml): string {
  const folder = scratchFolder();
  const file = join(folder, 'report.xlsx');
  writeFileSync(file, bytes);
  const parts = join(folder, 'parts');
  mkdirSync(parts);
  execFileSync('python3', ['-m', 'zipfile', '-e', file, parts]);
  const sheets = join(parts, 'xl', 'worksheets');
  for (const name of readdirSync(sheets).filter((entry) => entry.endsWith('.xml'))) {
    const xml = readFileSync(join(sheets, name), 'utf8');
    writeFileSync(join(sheets, name), change(xml.replaceAll(/(<\/f>)<v>[^<]*<\/v>/g, '$1')));
  }
  const packed = join(folder, 'bare.xlsx');
  execFileSync('python3', ['-m', 'zipfile', '-c', packed, ...readdirSync(parts).map((entry) => join(parts, entry))]);
  return packed;
}

/** Every sheet as LibreOffice computes it, numbers in full. */
function recalculated(file: string, context: TestContext): Sheets {
  if (OFFICE === undefined) context.skip(SKIPPED);
  const out = scratchFolder();
  const filter = 'csv:Text - txt - csv (StarCalc):9,34,76,1,,0,false,false,false,false,false,-1';
  execFileSync(
    OFFICE ?? '',
    [`-env:UserInstallation=file://${out}/profile`, '--headless', '--convert-to', filter, '--outdir', out, file],
    { timeout: 120_000, stdio: 'ignore' },
  );
  const sheets = new Map<string, string[][]>();
  for (const name of readdirSync(out).filter((entry) => entry.endsWith('.csv'))) {
    const sheet = name.replace(/^[^-]*-/, '').replace(/\.csv$/, '');
    const lines = readFileSync(join(out, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    sheets.set(
      sheet,
      lines.map((line) => line.split('\t').map((cell) => cell.replace(/^"|"$/g, ''))),
    );
  }
  return sheets;
}

/** `18.0483942195055%` or a plain number. */
function numberOf(text: string | undefined): number {
  return text?.endsWith('%') === true ? Number(text.slice(0, -1)) / 100 : Number(text);
}

function measured(sheets: Sheets): Map<string, { recomputed: number; reported: number }> {
  const rows = (sheets.get('Recomputed') ?? []).filter((row) => /^-?\d/.test(row[3] ?? ''));
  return new Map(
    rows.map(([strategy, measure, recomputed, reported]) => [
      `${strategy} ${measure}`,
      { recomputed: numberOf(recomputed), reported: numberOf(reported) },
    ]),
  );
}

describe('recalculated by LibreOffice', () => {
  test('every measure equals the app to 1e-9, and totals add up', { timeout: 180_000 }, async (context) => {
    const sheets = recalculated(withoutResults(await rendered(facts, 'xlsx')), context);
    const found = measured(sheets);
    expect(found.size).toBe(5 * sampleOf(facts).run.series.strategies.length);
    for (const [name, { recomputed, reported }] of found)
      expect(Math.abs(recomputed - reported), name).toBeLessThan(1e-9);
    const weights = sheets.get('Weights for the next rebalance') ?? [];
    const total = weights.find(([name]) => name === 'Total');
    const { portfolio } = sampleOf(facts).run;
    expect(numberOf(total?.[2])).toBeCloseTo(1 - (portfolio?.cash ?? 0), 9);
    expect([...sheets.values()].flat(2).filter((cell) => /^(#|Err:)/.test(cell))).toEqual([]);
  });

  test('a changed equity moves Sharpe ratio and drawdown', { timeout: 180_000 }, async (context) => {
    const report = await rendered(facts, 'xlsx');
    const equity = sampleOf(facts).run.series.strategies[0].equity;
    const middle = equity[Math.floor(equity.length / 2)];
    const halved = withoutResults(report, (xml) => xml.replaceAll(`<v>${middle}</v>`, `<v>${middle / 2}</v>`));
    const found = measured(recalculated(halved, context));
    const { name } = sampleOf(facts).run.series.strategies[0];
    const sharpe = found.get(`${name} Sharpe`);
    const depth = found.get(`${name} Max drawdown`);
    expect(Math.abs((sharpe?.recomputed ?? 0) - (sharpe?.reported ?? 0))).toBeGreaterThan(1e-3);
    expect(depth?.recomputed ?? 0).toBeLessThan((depth?.reported ?? 0) - 0.01);
  });
});

describe('the workbook', () => {
  test('has one sheet per topic, provenance, frozen headers, names, charts and conditional formats', async () => {
    const bytes = await rendered(facts, 'xlsx');
    const workbook = await readXlsx(bytes);
    const names = workbook.sheets.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['Results', 'Equity', 'Returns', 'Drawdown', 'Recomputed', 'Derivations', 'Provenance']),
    );
    expect(names.length).toBeGreaterThanOrEqual(buildReport(facts).sections.length + 6);
    for (const sheet of workbook.sheets.filter(({ name }) => name !== 'Chart data'))
      expect(sheet.freezePane?.rows ?? 0, sheet.name).toBeGreaterThan(0);
    expect(workbook.namedRanges?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['weights', 'months', 'periods_per_year', 'equity_ridge_mean_variance']),
    );
    expect(
      workbook.sheets.some(({ conditionalRules }) =>
        (conditionalRules ?? []).some(({ type }) => type === 'colorScale'),
      ),
    ).toBe(true);
    expect(bytes.toString('latin1').match(/xl\/charts\/chart\d+\.xml/g)?.length).toBeGreaterThan(4);
  });

  test.each(['=1+1', '+cmd|calc', '-2', '@SUM(A1)', '=HYPERLINK("x")'])('keeps %s as text', async (name) => {
    const { run } = sampleOf(facts);
    const named = withRun(facts, {
      run: {
        ...run.run,
        strategies: run.run.strategies.map((strategy, i) => (i === 1 ? { ...strategy, name } : strategy)),
      },
    });
    const workbook = await readXlsx(await rendered(named, 'xlsx'));
    const results = workbook.sheets.find((sheet) => sheet.name === 'Results');
    expect(results?.rows.flat()).toContain(name);
    expect(
      [...(results?.cells?.values() ?? [])].filter(
        ({ formula }) => formula !== undefined && formula.includes(name.slice(1)),
      ),
    ).toEqual([]);
  });
});
