/** A small bundle with one LSTM, as tests need it. */
import { createRandom } from '#quant/array/random';
import { initialState } from '#quant/nn/initialize';
import { featuresHash, type ModelBundle } from './bundle';

export function sampleBundle(): ModelBundle {
  const network = { kind: 'lstm', inputs: 2, hidden: 3, layers: 1, dropout: 0, layerNorm: false } as const;
  const features = ['momentum', 'volatility'].map((name) => ({
    name,
    dtype: 'float32' as const,
    unit: 'cross-section rank',
    mean: 0.01,
    deviation: 0.5,
    minimum: -1,
    maximum: 1,
  }));
  const random = createRandom(3);
  const draw = (n: number) => Float32Array.from({ length: n }, () => random.normal());
  return {
    manifest: {
      format: 'sextant-model-1',
      model: 'lstm',
      network,
      members: 1,
      input: { kind: 'windows', lookback: 5 },
      features,
      featuresHash: featuresHash(features),
      transform: { transform: 'rank', winsorize: 0.01 },
      label: { definition: 'simple return from the close of day t + lag over the horizon', horizon: 21, lag: 1 },
      output: { shift: 0.001, scale: 0.02 },
      trained: { from: '2018-01-02', to: '2019-11-29', cutoff: '2019-12-31', rows: 1000 },
      validFor: 63,
      calendar: 'trading days of the dataset',
      datasetHash: 'a'.repeat(64),
      codeHash: 'b'.repeat(64),
      seed: 42,
      device: 'plain TypeScript, float64',
      validation: { ic: 0.02, icDeviation: 0.01, loss: 0.99 },
      golden: { rows: 4, tolerance: 1e-5 },
    },
    members: [initialState(network, 42).parameters],
    golden: { inputs: draw(4 * 5 * 2), outputs: draw(4) },
  };
}
