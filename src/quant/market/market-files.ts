/**
 * A sample market as the files that a user would import, in pieces of text that a job can write one after another:
 * prices (long, `date,open,high,low,close,volume,Name`), companies (layout of sp500_companies.csv), index (`Date,S&P500`), membership.
 */
import { SECTORS } from './companies';
import type { Market } from './market';

export interface MarketFile {
  readonly name: string;
  /** Text of the file in pieces of up to about 1 MB. */
  readonly chunks: () => Iterable<string>;
}

const PIECE = 1 << 20;

/** Rows by ticker and date, as the vendor's table has them. */
export function* priceChunks(market: Market): Generator<string> {
  const { companies, dates, fields } = market;
  const width = companies.length;
  const order = companies.map((_, n) => n).sort((a, b) => (companies[a].ticker < companies[b].ticker ? -1 : 1));
  let text = 'date,open,high,low,close,volume,Name\n';
  for (const n of order) {
    const { ticker, from, to } = companies[n];
    for (let t = from; t < to; t++) {
      const i = t * width + n;
      text += `${dates[t]},${fields.open[i]},${fields.high[i]},${fields.low[i]},${fields.close[i]},${fields.volume[i]},${ticker}\n`;
    }
    if (text.length >= PIECE) {
      yield text;
      text = '';
    }
  }
  yield text;
}

const COMPANY_HEADER =
  'Exchange,Symbol,Shortname,Longname,Sector,Industry,Currentprice,Marketcap,Ebitda,Revenuegrowth,City,State,Country,Fulltimeemployees,Longbusinesssummary,Weight\n';

/** Companies that are still listed and those that are not; cells that an invented company cannot have are empty. */
export function* companyChunks(market: Market): Generator<string> {
  const { companies, fields } = market;
  const width = companies.length;
  let text = COMPANY_HEADER;
  companies.forEach((company, n) => {
    const price = fields.close[(company.to - 1) * width + n];
    const sector = SECTORS[company.sector];
    const summary = `"${company.name} is an invented company of the sample market, in ${sector.industry.toLowerCase()}."`;
    const cap = Math.round(price * company.shares);
    text += `SMP,${company.ticker},"${company.name}","${company.name}, Inc.",${sector.name},${sector.industry},${price},${cap},,,,,Nowhere,,${summary},\n`;
  });
  yield text;
}

function* indexChunks(market: Market): Generator<string> {
  yield `Date,S&P500\n${market.dates.map((date, t) => `${date},${market.index[t].toFixed(2)}\n`).join('')}`;
}

function* membershipChunks(market: Market): Generator<string> {
  yield `ticker,start_date,end_date\n${market.membership.map(({ ticker, start, end }) => `${ticker},${start},${end ?? ''}\n`).join('')}`;
}

/** The four files; names begin with `sample_`. */
export function marketFiles(market: Market): readonly MarketFile[] {
  return [
    { name: 'sample_stocks.csv', chunks: () => priceChunks(market) },
    { name: 'sample_companies.csv', chunks: () => companyChunks(market) },
    { name: 'sample_index.csv', chunks: () => indexChunks(market) },
    { name: 'sample_membership.csv', chunks: () => membershipChunks(market) },
  ];
}
