/**
 * Sample market: an invented stock market with the properties that research code must cope with, from one seed.
 * Daily return of asset i: r = β_i m + λ_i f_sector + s_i g + ε_i, where m is a GARCH(1,1) market (Bollerslev 1986) with fat tails and one
 * crash, f a sector factor, ε specific GARCH(1,1) noise, s the score of PREDICTABILITY and g its premium. Scores at a date depend on prices
 * up to that date only. Same preset and seed: same bits.
 */
import { createRandom, deriveSeed, type Random } from '../array/random';
import { tradingDays } from '../calendar/nyse';
import type { PriceField } from '../panel';
import { inventCompanies, SECTORS, type Company } from './companies';
import { indexAndMembership, type IndexHistory } from './index-history';
import { PREDICTABILITY, PRESETS, type MarketPreset, type MarketPresetId } from './preset';
import { quoteBars } from './quotes';
import { Scores } from './scores';

export interface Market extends IndexHistory {
  readonly preset: MarketPreset;
  readonly seed: number;
  readonly dates: readonly string[];
  readonly companies: readonly Company[];
  /** [T, N] row-major; NaN before listing and after delisting. */
  readonly fields: Readonly<Record<PriceField, Float64Array>>;
  /** True score of PREDICTABILITY known at the close of each date, [T, N]; what a perfect model would forecast with. */
  readonly score: Float64Array;
}

/** Days simulated before the first date, so that scores have their history. */
const BURN_IN = 280;
const TRADING_DAYS = 252;
const MARKET_DRIFT = 0.095 / TRADING_DAYS;
const MARKET_VOLATILITY = 0.145 / Math.sqrt(TRADING_DAYS);
const CRASH_DAYS = 24;
const REBOUND_DAYS = 70;
/** Days over which a company's end is visible in its price. */
const FINAL_DAYS = 120;

/** Makes the market of a preset. `seed`: unsigned 32-bit integer. */
export function generateMarket(id: MarketPresetId, seed: number): Market {
  const preset = PRESETS[id];
  const dates = tradingDays(preset.firstDate, preset.lastDate);
  const stream = (label: string) => createRandom(deriveSeed(seed, label));
  const companies = inventCompanies(preset, dates.length, stream('companies'));
  const { logPrice, volatility, score } = simulate(companies, dates.length, crashRow(dates, preset), stream);
  const fields = quoteBars(companies, dates.length, logPrice, volatility, stream('quotes'));
  return {
    preset,
    seed,
    dates,
    companies,
    fields,
    score,
    ...indexAndMembership(companies, dates, fields.close, preset.members),
  };
}

function crashRow(dates: readonly string[], preset: MarketPreset): number {
  const row = dates.findIndex((date) => date >= preset.crashDate);
  return row < 0 ? dates.length : row;
}

/** GARCH(1,1) volatility σ² = ω + α ε² + β σ², started at its long-run level. */
class Garch {
  readonly #omega: number;
  #variance: number;

  constructor(
    volatility: number,
    private readonly alpha: number,
    private readonly beta: number,
  ) {
    this.#variance = volatility * volatility;
    this.#omega = this.#variance * (1 - alpha - beta);
  }

  get volatility(): number {
    return Math.sqrt(this.#variance);
  }

  /** Next shock; `z` has unit variance. */
  next(z: number): number {
    const shock = Math.sqrt(this.#variance) * z;
    this.#variance = this.#omega + this.alpha * shock * shock + this.beta * this.#variance;
    return shock;
  }
}

/** Unit variance, kurtosis about 5: one draw in twenty has 2.4 times the scale. */
function fatTailed(random: Random): number {
  const scale = random.uniform() < 0.05 ? 2.4 : 1;
  return (random.normal() * scale) / Math.sqrt(0.95 + 0.05 * 2.4 * 2.4);
}

interface Simulation {
  /** [T, N], from the first date on. */
  readonly logPrice: Float64Array;
  readonly volatility: Float64Array;
  readonly score: Float64Array;
}

function simulate(
  companies: readonly Company[],
  days: number,
  crash: number,
  stream: (label: string) => Random,
): Simulation {
  const width = companies.length;
  const random = {
    market: stream('market'),
    sector: stream('sector'),
    premium: stream('premium'),
    specific: stream('specific'),
  };
  const market = new Garch(MARKET_VOLATILITY, 0.09, 0.89);
  const specific = companies.map((company) => new Garch(company.specificVolatility, 0.05, 0.93));
  const scores = new Scores(width);
  const result: Simulation = {
    logPrice: new Float64Array(days * width),
    volatility: new Float64Array(days * width),
    score: new Float64Array(days * width),
  };
  const level = Float64Array.from(companies, ({ firstPrice }) => Math.log(firstPrice));
  const factor = new Float64Array(SECTORS.length);
  for (let step = -BURN_IN; step < days; step++) {
    const m = marketReturn(market, step - crash, random.market);
    SECTORS.forEach(
      (sector, i) => (factor[i] = (sector.factorVolatility / Math.sqrt(TRADING_DAYS)) * random.sector.normal()),
    );
    const premium = PREDICTABILITY.premium + PREDICTABILITY.premiumRisk * random.premium.normal();
    for (let n = 0; n < width; n++) {
      const company = companies[n];
      const own = finalPhase(company, step);
      const noise = specific[n].next(fatTailed(random.specific)) * own.scale;
      const earned = scores.current[n] * premium * company.specificVolatility;
      const common = company.beta * m + company.sectorLoading * factor[company.sector];
      const simple = own.isolated ? noise + own.drift : common + earned + noise + own.drift;
      level[n] += Math.log1p(Math.max(-0.6, simple));
    }
    scores.update(level);
    if (step < 0) continue;
    for (let n = 0; n < width; n++) {
      const cell = step * width + n;
      result.logPrice[cell] = level[n];
      result.volatility[cell] = Math.hypot(companies[n].beta * market.volatility, specific[n].volatility);
      result.score[cell] = scores.current[n];
    }
  }
  return result;
}

/** Market return; `sinceCrash` counts days from the first day of the crash. */
function marketReturn(market: Garch, sinceCrash: number, random: Random): number {
  const shock = market.next(fatTailed(random));
  if (sinceCrash >= 0 && sinceCrash < CRASH_DAYS) return -0.0145 + 2 * Math.max(-0.03, Math.min(0.03, shock));
  if (sinceCrash >= CRASH_DAYS && sinceCrash < CRASH_DAYS + REBOUND_DAYS) return 0.003 + shock;
  return MARKET_DRIFT + shock;
}

/** How a company that will leave behaves on its last days: a bid lifts the price and pins it, a failure drags it down. */
function finalPhase(
  company: Company,
  step: number,
): { readonly drift: number; readonly scale: number; readonly isolated: boolean } {
  const left = company.to - step;
  if (company.ending === 'none' || left > FINAL_DAYS) return { drift: 0, scale: 1, isolated: false };
  if (company.ending === 'failed') return { drift: -0.014, scale: 2, isolated: false };
  const sinceBid = FINAL_DAYS / 2 - left;
  if (sinceBid < 0) return { drift: 0, scale: 1, isolated: false };
  return sinceBid === 0 ? { drift: 0.24, scale: 1, isolated: true } : { drift: 0.0001, scale: 0.08, isolated: true };
}
