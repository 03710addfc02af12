/**
 * The `nn.*` calculations answered by a training engine, through nothing but its public interface. What an engine does not give
 * directly is asked with a network that shows it: hidden states with a head that picks one unit, losses and updates
 * with saturated cells that pass numbers through.
 */
import type { NetworkEngine, NetworkSession, NetworkState, Update, WindowBatch } from '#quant/nn/engine';
import { parameterLayout, type GatNetwork, type LstmNetwork, type Network } from '#quant/nn/network';
import type { AttentionShape, AttentionWeights, Edges } from '#quant/nn/graph-attention';
import type { LstmLayer, SequenceShape } from '#quant/nn/lstm';
import { tensor } from './tensors';

type Tensors = Readonly<Record<string, ArrayLike<number>>>;

/** Opens a session on a table of [series, days, inputs] and closes it whatever happens. */
async function withSession<T>(
  engine: NetworkEngine,
  network: Network,
  table: {
    readonly values: ArrayLike<number>;
    readonly series: number;
    readonly days: number;
    readonly edges?: number;
  },
  ask: (session: NetworkSession) => Promise<T>,
): Promise<T> {
  const { series, days, edges = 0 } = table;
  const session = await engine.open(
    network,
    { values: Float32Array.from(table.values), series, days, inputs: network.inputs },
    { seed: 0, largest: { rows: series, steps: days, edges }, checkpointEvery: 0, precision: 'f32', threads: 1 },
  );
  try {
    return await ask(session);
  } finally {
    session.dispose();
  }
}

function stateOf(network: Network, tensors: Tensors): NetworkState {
  const layout = parameterLayout(network);
  const size = layout.reduce((sum, part) => sum + part.size, 0);
  const parameters = new Float32Array(size);
  for (const { name, offset } of layout) parameters.set(tensors[name] ?? [], offset);
  return { parameters, first: new Float32Array(size), second: new Float32Array(size), step: 0 };
}

/** A flat array's part that belongs to a tensor, as an answer. */
function partOf(network: Network, flat: ArrayLike<number>, name: string): { shape: readonly number[]; data: number[] } {
  const part = parameterLayout(network).find((candidate) => candidate.name === name);
  if (part === undefined) throw new Error(`No tensor "${name}".`);
  return { shape: part.shape, data: Array.from(flat).slice(part.offset, part.offset + part.size) };
}

function oneOf(count: number, chosen: number): Float64Array {
  return Float64Array.from({ length: count }, (_, k) => (k === chosen ? 1 : 0));
}

/** All series up to the last day, as one cross-section per `perDate` rows. */
function allRows(rows: number, days: number, perDate: number, targets: ArrayLike<number>): WindowBatch {
  return {
    kind: 'windows',
    series: Uint32Array.from({ length: rows }, (_, row) => row),
    end: new Uint32Array(rows).fill(days - 1),
    lookback: days,
    targets: Float32Array.from(targets),
    groups: Uint32Array.from({ length: rows / perDate + 1 }, (_, date) => date * perDate),
  };
}

export interface LstmQuestion {
  readonly layers: readonly LstmLayer[];
  readonly headWeights: Float64Array;
  readonly headBias: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly shape: SequenceShape;
}

export async function lstmBy(engine: NetworkEngine, question: LstmQuestion): Promise<unknown> {
  const { layers, headWeights, headBias, x, y, shape } = question;
  const { batch: B, steps: L, inputs: D, hidden: H } = shape;
  const network: LstmNetwork = {
    kind: 'lstm',
    inputs: D,
    hidden: H,
    layers: layers.length,
    dropout: 0,
    layerNorm: false,
  };
  const weights: Record<string, ArrayLike<number>> = {};
  for (const [l, layer] of layers.entries()) {
    weights[`lstm.${l}.w_ih`] = layer.wIh;
    weights[`lstm.${l}.w_hh`] = layer.wHh;
    weights[`lstm.${l}.b_ih`] = layer.bIh;
    weights[`lstm.${l}.b_hh`] = layer.bHh;
  }
  return withSession(engine, network, { values: x, series: B, days: L }, async (session) => {
    await session.write(stateOf(network, { ...weights, 'head.w': headWeights, 'head.b': [headBias] }));
    const rows = allRows(B, L, B, y);
    const found = await session.gradients(rows, { id: 'mse' });
    const outputs = new Float64Array(B * L * H);
    for (let unit = 0; unit < H; unit++) {
      await session.write(stateOf(network, { ...weights, 'head.w': oneOf(H, unit) }));
      const { series } = rows;
      const start = new Uint32Array(B);
      const states = await session.predict({ kind: 'sequences', series, start, length: L, burnIn: 0 });
      states.forEach((value, at) => (outputs[at * H + unit] = value));
    }
    const part = (name: string) => partOf(network, found.gradients, name);
    return {
      outputs: tensor([B, L, H], outputs),
      pred: tensor([B, 1], Float64Array.from(found.predictions)),
      loss: found.loss,
      grad: {
        x: tensor([B, L, D], Float64Array.from(found.inputGradients)),
        weights: Object.fromEntries(
          layers.map((_, l) => [
            `layer${l}`,
            Object.fromEntries(['w_ih', 'w_hh', 'b_ih', 'b_hh'].map((name) => [name, part(`lstm.${l}.${name}`)])),
          ]),
        ),
        head: { w: part('head.w'), b: part('head.b') },
      },
    };
  });
}

export interface GatQuestion {
  readonly weights: AttentionWeights;
  readonly edges: Edges;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly shape: AttentionShape;
}

/** One layer, asked once per output channel with a head that picks it: the mean square over all entries is the mean of the answers. */
export async function gatBy(engine: NetworkEngine, { weights, edges, x, y, shape }: GatQuestion): Promise<unknown> {
  const { nodes: N, features: F, heads, channels: C, concat, negativeSlope } = shape;
  const width = concat ? heads * C : C;
  const layers = [{ heads, channels: C, concat }];
  const network: GatNetwork = { kind: 'gat', inputs: F, layers, negativeSlope, dropout: 0 };
  const sorted = edges.toSorted(([a], [b]) => a - b);
  const rowStart = Uint32Array.from({ length: N + 1 }, (_, i) => sorted.filter(([target]) => target < i).length);
  const graph = {
    kind: 'graph' as const,
    series: Uint32Array.from({ length: N }, (_, i) => i),
    day: 0,
    rowStart,
    columns: Uint32Array.from(sorted, ([, source]) => source),
  };
  const named = { 'gat.0.w': weights.w, 'gat.0.a_target': weights.aTarget, 'gat.0.a_source': weights.aSource };
  const table = { values: x, series: N, days: 1, edges: edges.length };
  return withSession(engine, network, table, async (session) => {
    const out = new Float64Array(N * width);
    const dx = new Float64Array(N * F);
    const flat = new Float64Array(parameterLayout(network).reduce((sum, { size }) => sum + size, 0));
    let loss = 0;
    for (let channel = 0; channel < width; channel++) {
      await session.write(stateOf(network, { ...named, 'gat.0.b': weights.b, 'head.w': oneOf(width, channel) }));
      const targets = Float32Array.from({ length: N }, (_, i) => y[i * width + channel]);
      const found = await session.gradients({ ...graph, targets }, { id: 'mse' });
      loss += found.loss / width;
      found.predictions.forEach((value, i) => (out[i * width + channel] = value));
      found.gradients.forEach((value, k) => (flat[k] += value / width));
      found.inputGradients.forEach((value, k) => (dx[k] += value / width));
    }
    const [shares] = await session.attention(graph);
    const attention = new Float64Array(heads * N * N);
    shares.forEach((share, at) => {
      const [i, j] = sorted[at % sorted.length];
      attention[(Math.floor(at / sorted.length) * N + i) * N + j] += share;
    });
    const part = (name: string) => partOf(network, flat, `gat.0.${name}`);
    return {
      attention: tensor([heads, N, N], attention),
      out: tensor([N, width], out),
      loss,
      grad: {
        x: tensor([N, F], dx),
        w: part('w'),
        a_target: part('a_target'),
        a_source: part('a_source'),
        b: part('b'),
      },
    };
  });
}

/** So far beyond the bend that a gate is one. */
const SATURATED = 60;

/**
 * Losses of given scores: a cell whose gates are open computes h = tanh(tanh(x)), so that x = artanh(artanh(ε s)) and a head of 1/ε
 * predict the score s, and ∂loss/∂s follows from ∂loss/∂x by the chain rule.
 */
export async function lossesBy(
  engine: NetworkEngine,
  scores: Float64Array,
  returns: Float64Array,
  dates: number,
  assets: number,
): Promise<unknown> {
  const small = 0.01 / Math.max(1e-30, ...scores.map(Math.abs));
  const x = scores.map((score) => Math.atanh(Math.atanh(small * score)));
  const network: LstmNetwork = { kind: 'lstm', inputs: 1, hidden: 1, layers: 1, dropout: 0, layerNorm: false };
  const state = stateOf(network, {
    'lstm.0.w_ih': [0, 0, 1, 0],
    'lstm.0.b_ih': [SATURATED, 0, 0, SATURATED],
    'head.w': [1 / small],
  });
  return withSession(engine, network, { values: x, series: dates * assets, days: 1 }, async (session) => {
    await session.write(state);
    const rows = allRows(dates * assets, 1, assets, returns);
    const answer = async (id: 'sharpe' | 'ic'): Promise<unknown> => {
      const { loss, inputGradients } = await session.gradients(rows, { id });
      const gradient = scores.map((score, k) => {
        const h = small * score;
        return (inputGradients[k] * small) / ((1 - h * h) * (1 - Math.tanh(x[k]) ** 2));
      });
      return { loss, grad: tensor([dates, assets], gradient) };
    };
    return { sharpe: await answer('sharpe'), ic: await answer('ic') };
  });
}

/**
 * Updates of given parameters by given gradients: the parameters are a head's weights over cells that saturation holds at ±tanh 1,
 * where nothing below the head has a gradient. Row b of n + 1 has its first b units positive; targets are set so that the head's
 * gradient is the wanted one and its bias has none.
 */
export async function adamBy(
  engine: NetworkEngine,
  start: ArrayLike<number>,
  steps: number,
  update: Update,
  slopeAt: (p: Float64Array) => { readonly loss: number; readonly gradient: Float64Array },
): Promise<unknown> {
  const n = start.length;
  const rows = n + 1;
  const network: LstmNetwork = { kind: 'lstm', inputs: rows, hidden: n, layers: 1, dropout: 0, layerNorm: false };
  const weights = new Float64Array(4 * n * rows);
  for (let unit = 0; unit < n; unit++) {
    for (let row = 0; row < rows; row++) weights[(2 * n + unit) * rows + row] = unit < row ? SATURATED : -SATURATED;
  }
  const biases = Float64Array.from({ length: 4 * n }, (_, k) => (k < n || k >= 3 * n ? SATURATED : 0));
  const below = { 'lstm.0.w_ih': weights, 'lstm.0.b_ih': biases };
  const oneHot = Float64Array.from({ length: rows * rows }, (_, k) => (k % (rows + 1) === 0 ? 1 : 0));
  const { offset } = parameterLayout(network).find(({ name }) => name === 'head.w') ?? { offset: 0 };
  return withSession(engine, network, { values: oneHot, series: rows, days: 1 }, async (session) => {
    const batch = allRows(rows, 1, rows, new Float64Array(rows));
    await session.write(stateOf(network, { ...below, 'head.w': oneOf(n, 0) }));
    const unit = (await session.predict(batch))[rows - 1];
    await session.write(stateOf(network, { ...below, 'head.w': start }));
    const trace: unknown[] = [];
    for (let step = 0; step < steps; step++) {
      const p = Float64Array.from((await session.read()).parameters.subarray(offset, offset + n));
      const { loss, gradient } = slopeAt(p);
      const predictions = await session.predict(batch);
      const tail = (row: number): number => (row === 0 || row > n ? 0 : gradient[row - 1] / (2 * unit));
      const targets = predictions.map((value, row) => value - ((tail(row) - tail(row + 1)) * rows) / 2);
      await session.accumulate({ ...batch, targets }, { id: 'mse' }, 1);
      await session.update(update);
      const [{ gradientNorm }] = await session.measured();
      const after = (await session.read()).parameters.subarray(offset, offset + n);
      trace.push({ loss, grad_norm: gradientNorm, params: Array.from(after) });
    }
    return { trace };
  });
}
