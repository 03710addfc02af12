import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { previewSource } from './preview-source';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-preview-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(content: string, name = 'prices.csv'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a preview', () => {
  it('shows layout, dialect, mapping and first rows', async () => {
    const path = write(
      'Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen\n27.05.2014;87,98;89,40;87,94;89,37;87.216.605;7.795\n',
      'wkn_AAA_historic.csv',
    );
    expect(await previewSource({ prices: [path] })).toMatchObject({
      layout: 'broker-de',
      delimiter: ';',
      decimal: ',',
      dateFormat: 'DD/MM/YYYY',
      mapping: { date: 'Datum', open: 'Erster', close: 'Schlusskurs', volume: 'Stuecke' },
      rows: [['27.05.2014', '87,98', '89,40', '87,94', '89,37', '87.216.605', '7.795']],
      files: [{ name: 'wkn_AAA_historic.csv', role: 'prices', layout: 'broker-de' }],
      problems: [],
    });
  });

  it('shows the table and says what is missing where the layout is not known, and takes a mapping by hand', async () => {
    const path = write('when,what,how much\n2024-01-02,AAA,5\n2024-01-03,AAA,6\n');
    const unknown = await previewSource({ prices: [path] });
    expect(unknown).toMatchObject({
      layout: null,
      columns: ['when', 'what', 'how much'],
      rows: [
        ['2024-01-02', 'AAA', '5'],
        ['2024-01-03', 'AAA', '6'],
      ],
    });
    const mapped = await previewSource(
      { prices: [path] },
      { mapping: { date: 'when', symbol: 'what', close: 'how much' } },
    );
    expect(mapped).toMatchObject({
      layout: 'mapped',
      mapping: { date: 'when', symbol: 'what', close: 'how much' },
      problems: [],
    });
  });

  it('warns of dates that may be read both ways, of short rows and of missing rows', async () => {
    const messages = async (content: string) =>
      (await previewSource({ prices: [write(content)] })).problems.map(({ message }) => message);
    expect(await messages('Date,Close\n01/02/2024,5\n01/03/2024,6\n')).toEqual([
      expect.stringMatching(/MM\/DD or DD\/MM/),
    ]);
    expect(await messages('Date,Open,Close\n2024-01-02,5,5\n2024-01-03,6\n')).toEqual([
      expect.stringMatching(/too few fields/),
    ]);
    expect(await messages('Date,Open,Close\n')).toEqual([expect.stringMatching(/no rows/)]);
  });

  it('shows vendor JSON, and a vendor’s refusal as a problem', async () => {
    const bars = { ticker: 'AAA', results: [{ t: 1_704_171_600_000, o: 1, h: 2, l: 1, c: 2, v: 9 }] };
    expect(await previewSource({ prices: [write(JSON.stringify(bars), 'a.json')] })).toMatchObject({
      layout: 'polygon-json',
      problems: [],
    });
    const refusal = await previewSource({ prices: [write('{"Note":"5 calls per minute"}', 'b.json')] });
    expect(refusal.problems).toEqual([{ severity: 'error', message: expect.stringContaining('5 calls') }]);
  });
});
