/** Writers of vendor layouts for tests: daily bars of the ticker XYZ as each vendor would export them. */
import { isoDayNumber } from '../calendar/iso-day';

export interface Bar {
  readonly date: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

interface VendorFormat {
  readonly layout: string;
  readonly fileName: string;
  /** The vendor rounds volumes. */
  readonly lossyVolume?: boolean;
  write(bars: readonly Bar[]): string;
}

const slash = ({ date }: Bar) => `${date.slice(5, 7)}/${date.slice(8)}/${date.slice(0, 4)}`;
const dotted = ({ date }: Bar) => date.split('-').reverse().join('.');
const compact = ({ date }: Bar) => date.replaceAll('-', '');
const comma = (value: number) => String(value).replace('.', ',');
const grouped = (value: number) =>
  value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const table = (header: string, bars: readonly Bar[], row: (bar: Bar) => string, end = '\n') =>
  [header, ...bars.map(row), ''].join(end);
const down = (bars: readonly Bar[]) => [...bars].reverse();
/** Midnight in New York, in ms: four or five hours behind UTC. */
const newYorkMidnight = ({ date }: Bar) => (isoDayNumber(date) * 24 + (date >= '2021-11-07' ? 5 : 4)) * 3_600_000;

export const PRESET_FORMATS: readonly VendorFormat[] = [
  {
    layout: 'stooq',
    fileName: 'xyz_us_d.csv',
    write: (bars) =>
      table(
        'Date,Open,High,Low,Close,Volume',
        bars,
        (b) => `${b.date},${b.open},${b.high},${b.low},${b.close},${b.volume}`,
        '\r\n',
      ),
  },
  {
    layout: 'stooq-bulk',
    fileName: 'anything.us.txt',
    write: (bars) =>
      table(
        '<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>',
        bars,
        (b) => `XYZ.US,D,${compact(b)},000000,${b.open},${b.high},${b.low},${b.close},${b.volume},0`,
      ),
  },
  {
    layout: 'yahoo',
    fileName: 'yahoo_XYZ.csv',
    write: (bars) =>
      `${table('Date,Open,High,Low,Close,Adj Close,Volume', bars, (b) => `${b.date},${b.open.toFixed(6)},${b.high.toFixed(6)},${b.low.toFixed(6)},${b.close.toFixed(6)},${b.close},${b.volume}`)}2030-01-01,null,null,null,null,null,null\n`,
  },
  {
    layout: 'nasdaq',
    fileName: 'HistoricalData_XYZ.csv',
    write: (bars) =>
      table(
        'Date,Close/Last,Volume,Open,High,Low',
        down(bars),
        (b) => `${slash(b)},$${b.close},${b.volume},$${b.open},$${b.high},$${b.low}`,
      ),
  },
  {
    layout: 'nasdaq',
    fileName: 'HistoricalQuotes_XYZ.csv',
    write: (bars) =>
      table(
        'Date, Close/Last, Volume, Open, High, Low',
        down(bars),
        (b) => `${slash(b).replace(/(^|\/)0/g, '$1')},$${b.close} ,${b.volume},$${b.open} ,$${b.high} ,$${b.low} `,
      ),
  },
  {
    layout: 'investing',
    fileName: 'XYZ Historical Data.csv',
    lossyVolume: true,
    write: (bars) =>
      `\uFEFF${table('"Date","Price","Open","High","Low","Vol.","Change %"', down(bars), (b) => `"${slash(b)}","${grouped(b.close)}","${grouped(b.open)}","${grouped(b.high)}","${grouped(b.low)}","${(b.volume / 1e6).toFixed(2)}M","1.00%"`)}`,
  },
  {
    layout: 'broker-de',
    fileName: 'wkn_XYZ_historic.csv',
    write: (bars) =>
      table(
        'Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen',
        down(bars),
        (b) =>
          `${dotted(b)};${comma(b.open)};${comma(b.high)};${comma(b.low)};${comma(b.close)};${b.volume.toLocaleString('de-DE')};7.795.036`,
      ),
  },
  {
    layout: 'metatrader5',
    fileName: 'XYZ_Daily.csv',
    write: (bars) =>
      table('<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>', bars, (b) =>
        [b.date.replaceAll('-', '.'), b.open, b.high, b.low, b.close, 100, b.volume, 1].join('\t'),
      ),
  },
  {
    layout: 'ninjatrader',
    fileName: 'XYZ.Last.txt',
    write: (bars) => bars.map((b) => `${compact(b)};${b.open};${b.high};${b.low};${b.close};${b.volume}\n`).join(''),
  },
  {
    layout: 'metatrader4',
    fileName: 'XYZ.csv',
    write: (bars) =>
      bars
        .map((b) => `${b.date.replaceAll('-', '.')},00:00,${b.open},${b.high},${b.low},${b.close},${b.volume}\n`)
        .join(''),
  },
  {
    layout: 'eodhd',
    fileName: 'XYZ.US.csv',
    write: (bars) =>
      table(
        'Date,Open,High,Low,Close,Adjusted_close,Volume',
        bars,
        (b) => `${b.date},${b.open},${b.high},${b.low},${b.close},${b.close},${b.volume}`,
      ),
  },
  {
    layout: 'alphavantage',
    fileName: 'daily_XYZ.csv',
    write: (bars) =>
      table(
        'timestamp,open,high,low,close,volume',
        down(bars),
        (b) => `${b.date},${b.open},${b.high},${b.low},${b.close},${b.volume}`,
        '\r\n',
      ),
  },
  {
    layout: 'quandl-wiki',
    fileName: 'WIKI-XYZ.csv',
    write: (bars) =>
      table(
        'Date,Open,High,Low,Close,Volume,Ex-Dividend,Split Ratio,Adj. Open,Adj. High,Adj. Low,Adj. Close,Adj. Volume',
        down(bars),
        (b) => `${b.date},${b.open},${b.high},${b.low},${b.close},${b.volume}.0,0.0,1.0,1,1,1,${b.close},1.0`,
      ),
  },
  {
    layout: 'tiingo',
    fileName: 'tiingo_XYZ.csv',
    write: (bars) =>
      table(
        'date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor',
        bars,
        (b) => `${b.date},${b.close},${b.high},${b.low},${b.open},${b.volume},${b.close},1,1,1,1,0.0,1.0`,
      ).trimEnd(),
  },
  {
    layout: 'kaggle-all-stocks',
    fileName: 'all_stocks_5yr.csv',
    write: (bars) =>
      table(
        'date,open,high,low,close,volume,Name',
        bars,
        (b) => `${b.date},${b.open},${b.high},${b.low},${b.close},${b.volume},XYZ`,
      ),
  },
  {
    layout: 'kaggle-sp500-stocks',
    fileName: 'sp500_stocks.csv',
    write: (bars) =>
      table(
        'Date,Symbol,Adj Close,Close,High,Low,Open,Volume',
        bars,
        (b) => `${b.date},XYZ,${b.close},${b.close},${b.high},${b.low},${b.open},${b.volume}.0`,
      ),
  },
  {
    layout: 'yfinance',
    fileName: 'download.csv',
    write: (bars) =>
      table(
        'Price,Close,High,Low,Open,Volume\nTicker,XYZ,XYZ,XYZ,XYZ,XYZ\nDate,,,,,',
        bars,
        (b) => `${b.date},${b.close},${b.high},${b.low},${b.open},${b.volume}`,
      ),
  },
  {
    layout: 'polygon-json',
    fileName: 'aggs.json',
    write: (bars) =>
      JSON.stringify({
        ticker: 'XYZ',
        results: bars.map((b) => ({ t: newYorkMidnight(b), o: b.open, h: b.high, l: b.low, c: b.close, v: b.volume })),
        status: 'OK',
      }),
  },
  {
    layout: 'alpaca-json',
    fileName: 'bars.json',
    write: (bars) =>
      JSON.stringify({
        symbol: 'XYZ',
        bars: bars.map((b) => ({ t: `${b.date}T04:00:00Z`, o: b.open, h: b.high, l: b.low, c: b.close, v: b.volume })),
      }),
  },
  {
    layout: 'tiingo-json',
    fileName: 'tiingo_XYZ.json',
    write: (bars) =>
      JSON.stringify(bars.map((b) => ({ ...b, date: `${b.date}T00:00:00.000Z`, divCash: 0, splitFactor: 1 }))),
  },
  {
    layout: 'alphavantage-json',
    fileName: 'av.json',
    write: (bars) =>
      JSON.stringify({
        'Meta Data': { '2. Symbol': 'XYZ' },
        'Time Series (Daily)': Object.fromEntries(
          down(bars).map((b) => [
            b.date,
            {
              '1. open': String(b.open),
              '2. high': String(b.high),
              '3. low': String(b.low),
              '4. close': String(b.close),
              '5. volume': String(b.volume),
            },
          ]),
        ),
      }),
  },
];
