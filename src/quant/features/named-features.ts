/**
 * Features under the names that configurations use: a registered feature with parameters fixed.
 * The set `standard` holds what the literature and practitioners use most, without pairs that rank alike.
 */
import { z } from 'zod';
import { AppError } from '#base/errors';
import type { Panel } from '../panel';
import type { Feature } from './feature';
import { features, findFeature } from './registry';

export interface NamedFeature {
  readonly name: string;
  readonly feature: Feature;
  /** Parsed parameters of the feature. */
  readonly params: unknown;
  readonly lookback: number;
  readonly warmUp: number;
}

const STANDARD: Readonly<Record<string, readonly [id: string, params: Readonly<Record<string, number>>]>> = {
  return_1d: ['simple-return', { rows: 1 }],
  return_5d: ['simple-return', { rows: 5 }],
  momentum_1m: ['momentum', { from: 21, skip: 0 }],
  momentum_3m: ['momentum', { from: 63, skip: 0 }],
  momentum_6m: ['momentum', { from: 126, skip: 0 }],
  momentum_12_1: ['momentum', { from: 252, skip: 21 }],
  price_to_sma_20: ['price-to-average', { window: 20 }],
  price_to_sma_50: ['price-to-average', { window: 50 }],
  price_to_sma_200: ['price-to-average', { window: 200 }],
  volatility_20: ['volatility', { window: 20 }],
  volatility_120: ['volatility', { window: 120 }],
  rsi_14: ['relative-strength-index', { period: 14 }],
  macd_histogram: ['moving-average-convergence', {}],
  atr_14: ['average-true-range', { period: 14 }],
  bollinger_b_20: ['bollinger-position', { window: 20 }],
  bollinger_width_20: ['bollinger-bandwidth', { window: 20 }],
  volume_surprise_20: ['volume-surprise', { window: 20 }],
  high_low_range_10: ['high-low-range', { window: 10 }],
  high_252: ['distance-from-high', { window: 252 }],
  market_relative_63: ['market-information-ratio', { window: 63 }],
  sector_relative_126: ['sector-relative-return', { rows: 126 }],
};

export const standardFeatureNames: readonly string[] = Object.keys(STANDARD);

/** A name of the standard set, or the id of any registered feature under its default parameters. Errors: INVALID_CONFIG. */
export function namedFeature(name: string): NamedFeature {
  const [id, given] = Object.hasOwn(STANDARD, name) ? STANDARD[name] : [name, {}];
  const feature = findFeature(id);
  if (feature === undefined) {
    const known = [...standardFeatureNames, ...features.map(({ spec }) => spec.id)].join(', ');
    throw new AppError('INVALID_CONFIG', `Expected a feature name (${known}), found "${name}".`, { data: { name } });
  }
  const params = z.parse(feature.spec.params, given);
  const lookback = feature.spec.lookback(params);
  return { name, feature, params, lookback, warmUp: feature.spec.warmUp?.(params) ?? lookback };
}

export interface FeatureSelection {
  readonly features: readonly NamedFeature[];
  /** Features of the standard set that this panel cannot supply, with the reason. */
  readonly omitted: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * The features to compute for a panel. The standard set leaves out what the panel has no fields for and says so; names that were
 * asked for one by one must be computable. Errors: INVALID_CONFIG (unknown or repeated name), INVALID_DATA (field absent).
 */
export function selectFeatures(set: 'standard' | readonly string[], panel: Panel): FeatureSelection {
  const names = set === 'standard' ? standardFeatureNames : set;
  if (new Set(names).size !== names.length) {
    throw new AppError('INVALID_CONFIG', `Expected every feature once, found a repeated one in ${names.join(', ')}.`);
  }
  const chosen: NamedFeature[] = [];
  const omitted: { name: string; reason: string }[] = [];
  for (const named of names.map(namedFeature)) {
    const reason = whyNotComputable(named.feature, panel);
    if (reason === undefined) chosen.push(named);
    else if (set === 'standard') omitted.push({ name: named.name, reason });
    else throw new AppError('INVALID_DATA', `Expected what ${named.name} needs, found that ${reason}. Leave it out.`);
  }
  return { features: chosen, omitted };
}

function whyNotComputable(feature: Feature, panel: Panel): string | undefined {
  const missing = feature.spec.fields.filter((field) => panel.fields[field] === undefined);
  if (missing.length > 0) return `the data has no ${missing.join(', ')}`;
  const unnamed = panel.sectors === undefined || panel.sectors.every((sector) => sector === '');
  return feature.spec.needsSectors === true && unnamed ? 'the data names no sectors' : undefined;
}
