/** Invented companies of a sample market: tickers, names, sectors, sizes and how each one behaves. No name means a real company. */
import type { Random } from '../array/random';
import type { MarketPreset } from './preset';

interface SectorSpec {
  readonly name: string;
  readonly industry: string;
  /** Share of the companies. */
  readonly share: number;
  /** Mean market beta. */
  readonly beta: number;
  /** Annual volatility of the sector's own factor and mean specific volatility. */
  readonly factorVolatility: number;
  readonly specificVolatility: number;
}

/** Named like the sectors of the sp500_companies layout. */
export const SECTORS: readonly SectorSpec[] = [
  {
    name: 'Technology',
    industry: 'Software - Application',
    share: 0.16,
    beta: 1.2,
    factorVolatility: 0.1,
    specificVolatility: 0.26,
  },
  {
    name: 'Industrials',
    industry: 'Specialty Industrial Machinery',
    share: 0.14,
    beta: 1.05,
    factorVolatility: 0.07,
    specificVolatility: 0.2,
  },
  {
    name: 'Financial Services',
    industry: 'Banks - Regional',
    share: 0.13,
    beta: 1.1,
    factorVolatility: 0.1,
    specificVolatility: 0.19,
  },
  {
    name: 'Healthcare',
    industry: 'Medical Devices',
    share: 0.12,
    beta: 0.85,
    factorVolatility: 0.08,
    specificVolatility: 0.23,
  },
  {
    name: 'Consumer Cyclical',
    industry: 'Specialty Retail',
    share: 0.11,
    beta: 1.15,
    factorVolatility: 0.08,
    specificVolatility: 0.26,
  },
  {
    name: 'Consumer Defensive',
    industry: 'Packaged Foods',
    share: 0.08,
    beta: 0.6,
    factorVolatility: 0.07,
    specificVolatility: 0.16,
  },
  {
    name: 'Utilities',
    industry: 'Utilities - Regulated Electric',
    share: 0.06,
    beta: 0.5,
    factorVolatility: 0.1,
    specificVolatility: 0.13,
  },
  {
    name: 'Real Estate',
    industry: 'REIT - Retail',
    share: 0.06,
    beta: 0.8,
    factorVolatility: 0.1,
    specificVolatility: 0.17,
  },
  {
    name: 'Communication Services',
    industry: 'Entertainment',
    share: 0.05,
    beta: 0.95,
    factorVolatility: 0.08,
    specificVolatility: 0.25,
  },
  {
    name: 'Energy',
    industry: 'Oil & Gas E&P',
    share: 0.05,
    beta: 1.1,
    factorVolatility: 0.2,
    specificVolatility: 0.22,
  },
  {
    name: 'Basic Materials',
    industry: 'Specialty Chemicals',
    share: 0.04,
    beta: 1.05,
    factorVolatility: 0.11,
    specificVolatility: 0.21,
  },
];

type Ending = 'none' | 'acquired' | 'failed';

export interface Company {
  readonly ticker: string;
  readonly name: string;
  /** Index into SECTORS. */
  readonly sector: number;
  readonly beta: number;
  readonly sectorLoading: number;
  /** Long-run daily specific volatility. */
  readonly specificVolatility: number;
  readonly firstPrice: number;
  /** Shares outstanding, constant. */
  readonly shares: number;
  /** Shares traded on a quiet day over shares outstanding. */
  readonly turnover: number;
  /** Rows [from, to) of the calendar on which the company has prices. */
  readonly from: number;
  readonly to: number;
  readonly ending: Ending;
}

const SYLLABLES = [
  'ar',
  'bel',
  'cor',
  'dan',
  'el',
  'fen',
  'gal',
  'hex',
  'in',
  'jor',
  'kal',
  'lum',
  'mor',
  'nex',
  'or',
  'pal',
  'quin',
  'ros',
  'sol',
  'tor',
  'ul',
  'vel',
  'wes',
  'xan',
  'yor',
  'zen',
];
const ENDINGS = [
  'Industries',
  'Holdings',
  'Group',
  'Systems',
  'Partners',
  'Corporation',
  'Technologies',
  'International',
];
const TRADING_DAYS = 252;

/** The companies of a preset on a calendar of `days` trading days. */
export function inventCompanies(preset: MarketPreset, days: number, random: Random): Company[] {
  const order = Array.from({ length: preset.assets }, (_, i) => i);
  const late = new Set(random.shuffle([...order]).slice(0, preset.lateListings));
  const gone = new Set(random.shuffle(order.filter((i) => !late.has(i))).slice(0, preset.delistings));
  const taken = new Set<string>();
  return order.map((i) => {
    const sector = sectorOf(i, preset.assets);
    const spec = SECTORS[sector];
    const word = inventWord(random);
    const price = 15 * Math.exp(1.6 * random.uniform() + 0.5 * random.normal());
    const cap = 1.2e10 * Math.exp(1.2 * random.normal());
    return {
      ticker: uniqueTicker(word, taken, random),
      name: `${word[0].toUpperCase()}${word.slice(1)} ${ENDINGS[random.integer(ENDINGS.length)]}`,
      sector,
      beta: Math.max(0.2, spec.beta + 0.2 * random.normal()),
      sectorLoading: 0.7 + 0.6 * random.uniform(),
      specificVolatility: (spec.specificVolatility * Math.exp(0.25 * random.normal())) / Math.sqrt(TRADING_DAYS),
      firstPrice: price,
      shares: Math.round(cap / price / 1000) * 1000,
      turnover: 0.003 * Math.exp(0.5 * random.normal()),
      from: late.has(i) ? Math.floor(days * (0.08 + 0.72 * random.uniform())) : 0,
      to: gone.has(i) ? Math.floor(days * (0.25 + 0.7 * random.uniform())) : days,
      ending: gone.has(i) ? (random.uniform() < 0.5 ? 'acquired' : 'failed') : 'none',
    };
  });
}

/** Sectors take their shares in turn, so that every preset has every sector. */
function sectorOf(i: number, count: number): number {
  const position = (i + 0.5) / count;
  let sum = 0;
  for (let sector = 0; sector < SECTORS.length; sector++) {
    sum += SECTORS[sector].share;
    if (position <= sum) return sector;
  }
  return SECTORS.length - 1;
}

function inventWord(random: Random): string {
  const parts = 2 + random.integer(2);
  return Array.from({ length: parts }, () => SYLLABLES[random.integer(SYLLABLES.length)]).join('');
}

/** Three to five capitals from the name; random letters where that is taken. */
function uniqueTicker(word: string, taken: Set<string>, random: Random): string {
  const letters = word.toUpperCase();
  let ticker = letters.slice(0, 3);
  for (let length = 4; taken.has(ticker) && length <= 4; length++) ticker = letters.slice(0, length);
  while (taken.has(ticker)) {
    ticker =
      letters.slice(0, 2) + Array.from({ length: 2 }, () => String.fromCharCode(65 + random.integer(26))).join('');
  }
  taken.add(ticker);
  return ticker;
}
