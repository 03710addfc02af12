/** From the last fit of a run to a bundle: the manifest says what was trained, on what, and for how long it speaks. */
import type { ModelManifest } from '#contract/model-manifest';
import type { KeptNetwork } from '#quant/research/context';
import { encodeBundle, featuresHash } from './bundle';

export interface SealFacts {
  readonly datasetHash: string;
  readonly codeHash: string;
  readonly seed: number;
}

export interface SealedNetwork {
  readonly strategy: string;
  readonly manifest: ModelManifest;
  readonly bytes: Uint8Array;
}

const UNITS = { rank: 'cross-section rank', zscore: 'cross-section z-score', none: 'as computed' } as const;
/** Trading days after which a model that its run would have fitted anew has expired: the period and half of it again. */
const VALID_DAYS = { month: 32, quarter: 95, year: 378 } as const;
const TOLERANCE = 1e-4;

export function sealNetwork(
  { model, strategy, fitted, features, horizon, lag, refit, trained }: KeptNetwork,
  facts: SealFacts,
): SealedNetwork {
  const { scaler, range, golden } = fitted;
  const said = fitted.features.map((name, k) => ({
    name,
    dtype: 'float32' as const,
    unit: UNITS[features.transform],
    mean: scaler.mean[k],
    deviation: scaler.deviation[k],
    minimum: range.minimum[k],
    maximum: range.maximum[k],
  }));
  const manifest: ModelManifest = {
    format: 'sextant-model-1',
    model,
    network:
      fitted.network.kind === 'lstm' ? fitted.network : { ...fitted.network, layers: [...fitted.network.layers] },
    members: fitted.members.length,
    input: fitted.input,
    features: said,
    featuresHash: featuresHash(said),
    transform: { ...features },
    label: { definition: 'simple return from the close of day t + lag over the horizon', horizon, lag },
    output: { ...fitted.output },
    trained: { ...trained },
    validFor: VALID_DAYS[refit],
    calendar: 'trading days of the dataset',
    ...facts,
    device: fitted.device,
    validation: { ...fitted.validation },
    golden: { rows: golden.outputs.length, tolerance: TOLERANCE },
  };
  return { strategy, manifest, bytes: encodeBundle({ manifest, members: fitted.members, golden }) };
}
