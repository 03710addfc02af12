/** The training steps of the goal table, from a seed: the same numbers on every machine. */
import { createRandom } from '#quant/array/random';
import type { Batch, InputTable, SessionOptions, Update } from '#quant/nn/engine';
import type { Network } from '#quant/nn/network';

export interface Problem {
  readonly title: string;
  readonly network: Network;
  readonly table: InputTable;
  readonly batch: Batch;
  readonly options: SessionOptions;
}

export const UPDATE: Update = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 1,
};
const INPUTS = 16;

function table(series: number, days: number): InputTable {
  const random = createRandom(1);
  const values = Float32Array.from({ length: series * days * INPUTS }, () => random.normal());
  return { values, series, days, inputs: INPUTS };
}

const optionsFor = (largest: SessionOptions['largest']): SessionOptions => ({
  seed: 1,
  largest,
  checkpointEvery: 0,
  precision: 'f32',
});

/** Two LSTM layers on windows of 16 inputs. */
export function lstmProblem(rows: number, steps: number, hidden: number): Problem {
  const random = createRandom(2);
  const [series, days] = [500, steps + 240];
  return {
    title: `LSTM step B ${rows}, T ${steps}, F ${INPUTS}, H ${hidden}, 2 layers`,
    network: { kind: 'lstm', inputs: INPUTS, hidden, layers: 2, dropout: 0, layerNorm: false },
    table: table(series, days),
    batch: {
      kind: 'windows',
      series: Uint32Array.from({ length: rows }, () => random.integer(series)),
      end: Uint32Array.from({ length: rows }, () => steps - 1 + random.integer(days - steps)),
      lookback: steps,
      targets: Float32Array.from({ length: rows }, () => random.normal()),
      groups: Uint32Array.of(0, rows),
    },
    options: optionsFor({ rows, steps }),
  };
}

/** One layer of graph attention, 4 heads of 32 channels, about 20 neighbours and the node itself. */
export function gatProblem(nodes: number): Problem {
  const random = createRandom(3);
  const rowStart = [0];
  const columns: number[] = [];
  for (let i = 0; i < nodes; i++) {
    const seen = new Set([i]);
    for (let k = 0; k < 20; k++) seen.add(random.integer(nodes));
    columns.push(...[...seen].sort((a, b) => a - b));
    rowStart.push(columns.length);
  }
  return {
    title: `GAT step N ${nodes}, 4 × 32`,
    network: {
      kind: 'gat',
      inputs: INPUTS,
      layers: [{ heads: 4, channels: 32, concat: true }],
      negativeSlope: 0.2,
      dropout: 0,
    },
    table: table(nodes, 1),
    batch: {
      kind: 'graph',
      series: Uint32Array.from({ length: nodes }, (_, i) => i),
      day: 0,
      rowStart: Uint32Array.from(rowStart),
      columns: Uint32Array.from(columns),
      targets: Float32Array.from({ length: nodes }, () => random.normal()),
    },
    options: optionsFor({ rows: nodes, steps: 1, edges: columns.length }),
  };
}
