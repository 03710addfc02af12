/** The two sample markets and what is in them. */
export const MARKET_PRESETS = ['small', 'sp500'] as const;
export type MarketPresetId = (typeof MARKET_PRESETS)[number];

export interface MarketPreset {
  readonly id: MarketPresetId;
  readonly title: string;
  readonly assets: number;
  readonly firstDate: string;
  readonly lastDate: string;
  /** Assets that are listed after the first date, and assets whose prices end before the last one. */
  readonly lateListings: number;
  readonly delistings: number;
  /** Index members at any time (about). */
  readonly members: number;
  /** First day of the crash. */
  readonly crashDate: string;
}

export const PRESETS: Readonly<Record<MarketPresetId, MarketPreset>> = {
  small: {
    id: 'small',
    title: '60 assets, 6 years',
    assets: 60,
    firstDate: '2018-01-02',
    lastDate: '2023-12-29',
    lateListings: 5,
    delistings: 3,
    members: 50,
    crashDate: '2021-02-22',
  },
  sp500: {
    id: 'sp500',
    title: '502 assets, 15½ years, 1.89 million rows',
    assets: 502,
    firstDate: '2010-01-04',
    lastDate: '2025-07-31',
    lateListings: 30,
    delistings: 16,
    members: 450,
    crashDate: '2019-03-04',
  },
};

/**
 * The predictability that is built in, in words that documents may quote. Every five days each asset gets the score
 * s = 0.8 · z(momentum) − 0.6 · z(reversal): cross-sectional ranks of the return from 252 to 21 days ago and of the last 21 days.
 * A score of +1 earns PREMIUM of the asset's specific volatility on average, with a common risk of PREMIUM_RISK around it, so that the
 * monthly rank information coefficient of the perfect model is about 0.04 on average over seeds, and negative in about two months of five.
 * A model far above that on average over seeds has seen the future.
 */
export const PREDICTABILITY = {
  /** Mean daily return per unit of score, in units of the asset's daily specific volatility. */
  premium: 0.016,
  /** Standard deviation of the same from day to day. */
  premiumRisk: 0.12,
  momentumWeight: 0.8,
  reversalWeight: 0.6,
  /** Mean monthly rank IC of the true score, rounded; measured over many seeds by the test of the generator. */
  monthlyRankIc: 0.04,
} as const;
