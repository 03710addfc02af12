/** The import of real data with real defects, where it lies beside the repository. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importPrices } from './import-prices';

const data = resolve(import.meta.dirname, '../../../../shared/data');
const stocks = resolve(data, 'cnuge_sp500_5yr/all_stocks_5yr.csv.gz');
const reason = existsSync(stocks) ? '' : ' (skipped: ../shared/data is not there)';

describe(`five years of the S&P 500${reason}`, () => {
  it.skipIf(reason !== '')('are imported completely, with their defects', async () => {
    const result = await importPrices({
      prices: [stocks],
      companies: resolve(data, 'sp500-companies/constituents.csv'),
      membership: resolve(data, 'sp500-historical-components/sp500_ticker_start_end.csv'),
    });
    expect(result.manifest).toMatchObject({
      rows: 619_040,
      rejectedRows: 0,
      assets: 505,
      firstDate: '2013-02-08',
      lastDate: '2018-02-07',
      layout: 'kaggle-all-stocks',
      hasSectors: true,
      hasMembership: true,
    });
    expect(result.manifest.sources[0].sha256).toBe('1212153b5e16039b32f36749721f8f411aea6297b0fac330ea18d60248855545');
    const found = new Map(result.quality.findings.map((finding) => [finding.kind, finding]));
    expect(found.get('missing_values')?.count).toBe(11);
    expect(found.get('suspected_splits')?.samples.map(({ asset, date }) => `${asset} ${date}`)).toEqual([
      'DISCA 2014-08-07',
      'DISCK 2014-08-07',
    ]);
    expect(found.get('gaps')?.samples).toContainEqual({
      asset: 'DHR',
      date: '2013-04-26',
      value: 16,
      note: 'to 2016-04-04',
    });
    expect(found.get('reversal_spikes')?.samples).toContainEqual(
      expect.objectContaining({ asset: 'LNT', date: '2016-05-19' }),
    );
    expect(found.get('zero_volume')?.count).toBe(4);
    expect(result.panel.membership?.some((flag) => flag === 1)).toBe(true);
  });

  const wide = resolve(data, 'skfolio/sp500_dataset.csv.gz');
  it.skipIf(!existsSync(wide))('as a wide table of closes since 1990', async () => {
    const { manifest } = await importPrices({ prices: [wide], index: resolve(data, 'skfolio/sp500_index.csv.gz') });
    expect(manifest).toMatchObject({
      layout: 'wide-close',
      assets: 20,
      rows: 166_260,
      benchmark: 'SP500',
      fields: ['close'],
    });
  });
});
