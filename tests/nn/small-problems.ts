/** Small networks, tables and batches from a seed: what engines are compared on. */
import { createRandom } from '#quant/array/random';
import type {
  GraphBatch,
  InputTable,
  NetworkState,
  SequenceBatch,
  SessionOptions,
  Update,
  WindowBatch,
} from '#quant/nn/engine';
import { initialState } from '#quant/nn/initialize';
import type { GatNetwork, LstmNetwork, Network } from '#quant/nn/network';

export const lstmNetwork = (stated: Partial<LstmNetwork> = {}): LstmNetwork => ({
  kind: 'lstm',
  inputs: 3,
  hidden: 8,
  layers: 2,
  dropout: 0,
  layerNorm: false,
  ...stated,
});

export const gatNetwork = (stated: Partial<GatNetwork> = {}): GatNetwork => ({
  kind: 'gat',
  inputs: 5,
  layers: [
    { heads: 2, channels: 4, concat: true },
    { heads: 3, channels: 4, concat: false },
  ],
  negativeSlope: 0.2,
  dropout: 0,
  ...stated,
});

export function sessionOptions(stated: Partial<SessionOptions> = {}): SessionOptions {
  return {
    seed: 77,
    largest: { rows: 24, steps: 12, edges: 200 },
    checkpointEvery: 0,
    precision: 'f32',
    ...stated,
  };
}

export const sgdLike: Update = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 1,
};

export function inputTable(inputs: number, seed = 1, series = 6, days = 30): InputTable {
  const random = createRandom(seed);
  const values = Float32Array.from({ length: series * days * inputs }, () => random.normal());
  return { values, series, days, inputs };
}

/** A starting state whose gains and biases are not trivial either, so that no gradient is zero by construction. */
export function lively(network: Network, seed = 2): NetworkState {
  const state = initialState(network, seed);
  const random = createRandom(seed + 1);
  return { ...state, parameters: state.parameters.map((value) => value + 0.1 * random.normal()) };
}

/** Windows of `rows` rows on dates of up to five assets. */
export function windowBatch(rows: number, lookback: number, seed = 3): WindowBatch {
  const random = createRandom(seed);
  const groups: number[] = [0];
  while (groups[groups.length - 1] < rows) groups.push(Math.min(rows, groups[groups.length - 1] + 5));
  return {
    kind: 'windows',
    series: Uint32Array.from({ length: rows }, () => random.integer(6)),
    end: Uint32Array.from({ length: rows }, () => lookback - 1 + random.integer(30 - lookback + 1)),
    lookback,
    targets: Float32Array.from({ length: rows }, () => random.normal()),
    groups: Uint32Array.from(groups),
  };
}

/** The rows first … last − 1 of a window batch, as one date. */
export function someRows(batch: WindowBatch, first: number, last: number): WindowBatch {
  return {
    ...batch,
    series: batch.series.slice(first, last),
    end: batch.end.slice(first, last),
    targets: batch.targets?.slice(first, last),
    groups: Uint32Array.of(0, last - first),
  } as WindowBatch;
}

export function sequenceBatch(rows: number, length: number, burnIn: number, seed = 4): SequenceBatch {
  const random = createRandom(seed);
  return {
    kind: 'sequences',
    series: Uint32Array.from({ length: rows }, (_, row) => row % 6),
    start: Uint32Array.from({ length: rows }, (_, row) => row % 3),
    length,
    burnIn,
    targets: Float32Array.from({ length: rows * (length - burnIn) }, (_, k) => (k % 5 === 2 ? NaN : random.normal())),
  };
}

/** A random graph with self-loops; node 1 has no edge at all and node 0 attends to every node. */
export function graphBatch(nodes: number, degree: number, seed = 5, series = 6): GraphBatch {
  const random = createRandom(seed);
  const rowStart = [0];
  const columns: number[] = [];
  for (let i = 0; i < nodes; i++) {
    const seen = new Set(i === 1 ? [] : i === 0 ? Array.from({ length: nodes }, (_, j) => j) : [i]);
    if (i > 1) for (let k = 0; k < degree; k++) seen.add(random.integer(nodes));
    columns.push(...[...seen].sort((a, b) => a - b));
    rowStart.push(columns.length);
  }
  return {
    kind: 'graph',
    series: Uint32Array.from({ length: nodes }, (_, i) => i % series),
    day: 7,
    rowStart: Uint32Array.from(rowStart),
    columns: Uint32Array.from(columns),
    targets: Float32Array.from({ length: nodes }, (_, i) => (i === 3 ? NaN : random.normal())),
  };
}
