/** Names the vendor of a price file by its header and file name; only for the record, reading goes by column roles. */
import { plainName } from './column-roles';

interface Vendor {
  readonly id: string;
  /** Header names, in order; the file may have more. */
  readonly columns: readonly string[];
  readonly fileName?: RegExp;
}

/** First match wins. */
const VENDORS: readonly Vendor[] = [
  { id: 'stooq-bulk', columns: ['ticker', 'per', 'date', 'time', 'open', 'high', 'low', 'close'] },
  { id: 'metatrader5', columns: ['date', 'open', 'high', 'low', 'close', 'tickvol', 'vol', 'spread'] },
  { id: 'tiingo', columns: ['date', 'close', 'high', 'low', 'open', 'volume', 'adjclose'] },
  { id: 'quandl-wiki', columns: ['date', 'open', 'high', 'low', 'close', 'volume', 'ex-dividend', 'split ratio'] },
  { id: 'kaggle-sp500-stocks', columns: ['date', 'symbol', 'adj close', 'close', 'high', 'low', 'open', 'volume'] },
  { id: 'kaggle-all-stocks', columns: ['date', 'open', 'high', 'low', 'close', 'volume', 'name'] },
  { id: 'eodhd', columns: ['date', 'open', 'high', 'low', 'close', 'adjusted_close', 'volume'] },
  { id: 'yahoo', columns: ['date', 'open', 'high', 'low', 'close', 'adj close', 'volume'] },
  { id: 'yahoo-old', columns: ['date', 'open', 'high', 'low', 'close', 'volume', 'adj close'] },
  { id: 'nasdaq', columns: ['date', 'close/last', 'volume', 'open', 'high', 'low'] },
  { id: 'investing', columns: ['date', 'price', 'open', 'high', 'low', 'vol.'] },
  { id: 'broker-de', columns: ['datum', 'erster', 'hoch', 'tief', 'schlusskurs'] },
  { id: 'alphavantage', columns: ['timestamp', 'open', 'high', 'low', 'close', 'volume'] },
  {
    id: 'stooq',
    columns: ['date', 'open', 'high', 'low', 'close', 'volume'],
    fileName: /_[a-z]{2}_[dwm]\.(?:csv|txt)(?:\.gz)?$/i,
  },
];

/** Vendor id, or null. */
export function vendorOf(header: readonly string[], fileName: string): string | null {
  const names = header.map(plainName);
  const found = VENDORS.find(
    ({ columns, fileName: pattern }) =>
      columns.every((name, i) => names[i] === name) && (pattern === undefined || pattern.test(fileName)),
  );
  return found?.id ?? null;
}
