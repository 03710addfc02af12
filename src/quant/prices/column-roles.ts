/**
 * What the column names of price files mean. Names are compared in lower case without quotes, angle brackets and doubled blanks;
 * English and German broker exports are known.
 */
export const COLUMN_ROLES = [
  'date',
  'symbol',
  'open',
  'high',
  'low',
  'close',
  'adjClose',
  'volume',
  'dividend',
  'split',
] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** Column index by role. */
export type ColumnIndex = Partial<Record<ColumnRole, number>>;

/** Earlier names win over later ones when a file has several. */
const NAMES: Readonly<Record<ColumnRole, readonly string[]>> = {
  date: [
    'date',
    'datetime',
    'date time',
    'timestamp',
    'day',
    'datum',
    'dt',
    'trade date',
    'trading date',
    'dtyyyymmdd',
    'time',
    'caldt',
    'index',
    'unnamed: 0',
    '',
  ],
  symbol: [
    'symbol',
    'ticker',
    'tic',
    'act_symbol',
    'instrument',
    'code',
    'stock',
    'security',
    'asset',
    'secid',
    'isin',
    'wkn',
    'name',
  ],
  open: [
    'open',
    'o',
    'open price',
    'opening price',
    'price_open',
    '1. open',
    'erster',
    'eröffnung',
    'eröffnungskurs',
    'anfangskurs',
  ],
  high: ['high', 'h', 'high price', 'price_high', '2. high', 'hoch', 'tageshoch', 'höchst'],
  low: ['low', 'l', 'low price', 'price_low', '3. low', 'tief', 'tagestief', 'tiefst'],
  close: [
    'close',
    'close/last',
    'c',
    'close price',
    'closing price',
    'price_close',
    '4. close',
    'schlusskurs',
    'schluss',
    'last',
    'price',
    'px_last',
    'settle',
    'kurs',
  ],
  adjClose: [
    'adj close',
    'adj. close',
    'adjclose',
    'adjusted close',
    'adjusted_close',
    'adj_close',
    'adjusted',
    '5. adjusted close',
    'adj close**',
    'close_adj',
  ],
  volume: [
    'volume',
    'vol',
    'vol.',
    'v',
    'share volume',
    'stuecke',
    'stücke',
    'stück',
    '6. volume',
    '5. volume',
    'tickvol',
  ],
  dividend: ['ex-dividend', 'dividends', 'dividend', 'divcash', 'dividend amount', '7. dividend amount', 'ex_dividend'],
  split: [
    'split ratio',
    'splitfactor',
    'stock splits',
    'split coefficient',
    '8. split coefficient',
    'split_ratio',
    'split',
  ],
};

/** The form in which column names are compared. */
export function plainName(name: string): string {
  return name
    .trim()
    .replace(/^<(.*)>$/, '$1')
    .replace(/\s+/g, ' ')
    .toLowerCase();
}

/** Column of each role that the header names; a column has one role. */
export function rolesOf(header: readonly string[]): ColumnIndex {
  const names = header.map(plainName);
  const roles: ColumnIndex = {};
  const used = new Set<number>();
  for (const role of COLUMN_ROLES) {
    for (const name of NAMES[role]) {
      const column = names.findIndex((candidate, i) => candidate === name && !used.has(i));
      if (column >= 0) {
        roles[role] = column;
        used.add(column);
        break;
      }
    }
  }
  return roles;
}

const NAME_PATTERNS: readonly RegExp[] = [
  /^(.+?) historical data(?: \(\d+\))?$/i,
  /^historical(?:data|quotes)[ _-]+(.+)$/i,
  /^(?:time_series_)?daily(?:_adjusted)?[ _-](.+)$/i,
  /^wiki[ _-](.+)$/i,
  /^wkn_(.+)_historic$/i,
  /^(?:yahoo|tiingo|stooq|nasdaq|eodhd|polygon|alpaca|quandl|alphavantage)[ _-](.+)$/i,
  /^(.+)_(?:daily|d1|1d|data|history|prices|ohlcv|day)$/i,
  /^(.+)\.last$/i,
  /^(.+)_(?:us|uk|de|jp|hk|pl|hu)_[dwm]$/i,
  /^(.+)\.(?:us|uk|de|jp|hk|pl|hu)$/i,
];

/** The ticker that a file name carries, in capitals: `aapl_us_d.csv` → AAPL, `HistoricalData_JPM.csv` → JPM. */
export function symbolOfFileName(fileName: string): string {
  const base = fileName.replace(/^.*[/\\]/, '').replace(/\.gz$/i, '');
  let stem = base.replace(/\.(?:csv|txt|tsv|json|parquet|pq)$/i, '');
  for (const pattern of NAME_PATTERNS) {
    const match = pattern.exec(stem);
    if (match) {
      stem = match[1];
      break;
    }
  }
  return stem.trim().toUpperCase();
}
