/** The graph attention network of `network.ts` over flat parameters, in plain double precision. */
import { dropoutFactors } from './dropout';
import type { GraphBatch } from './engine';
import {
  attentionBackward,
  attentionForward,
  attentionWidth,
  type AttentionRun,
  type AttentionShape,
  type AttentionWeights,
  type Edges,
} from './graph-attention';
import type { GatNetwork } from './network';
import type { DropoutPlace } from './reference-lstm';
import { tensorViews, type TensorViews } from './tensor-views';

interface GatPass {
  readonly predictions: Float64Array;
  /** Per layer, [heads, E]; before dropout. */
  readonly attention: readonly Float64Array[];
  /** Gradients of the parameters (flat) and of x from ∂loss/∂predictions. */
  backward(dPredictions: Float64Array): { readonly parameters: Float64Array; readonly x: Float64Array };
}

interface LayerPass {
  readonly shape: AttentionShape;
  readonly weights: AttentionWeights;
  /** Node features after dropout, and its factors. */
  readonly input: Float64Array;
  readonly mask: Float64Array | undefined;
  readonly run: AttentionRun;
}

/** x [N, inputs] → predictions [N]. */
export function gatPass(
  network: GatNetwork,
  parameters: Float64Array,
  x: Float64Array,
  graph: GraphBatch,
  place: DropoutPlace | undefined,
): GatPass {
  const weights = tensorViews(network, parameters);
  const edges = edgesOf(graph);
  const nodes = graph.series.length;
  const passes: LayerPass[] = [];
  let state = x;
  let features = network.inputs;
  for (const [l, layer] of network.layers.entries()) {
    const shape = { ...layer, nodes, features, negativeSlope: network.negativeSlope };
    const mask = place && dropoutMatrix(network.dropout, { ...place, site: 2 * l }, place.row, nodes, features);
    const input = mask === undefined ? state : state.map((value, k) => value * mask[k]);
    const byEdge =
      place && dropoutMatrix(network.dropout, { ...place, site: 2 * l + 1 }, place.edge, edges.length, layer.heads);
    const own = layerWeights(weights, l);
    const run = attentionForward(input, edges, own, shape, byEdge && transposed(byEdge, edges.length, layer.heads));
    passes.push({ shape, weights: own, input, mask, run });
    state = run.out;
    features = attentionWidth(shape);
  }
  const width = features;
  const top = state;
  const headWeights = weights('head.w');
  const predictions = new Float64Array(nodes).fill(weights('head.b')[0]);
  for (let i = 0; i < nodes; i++) {
    for (let k = 0; k < width; k++) predictions[i] += headWeights[k] * top[i * width + k];
  }

  function backward(dPredictions: Float64Array): { parameters: Float64Array; x: Float64Array } {
    const flat = new Float64Array(parameters.length);
    const gradients = tensorViews(network, flat);
    let dState = new Float64Array(top.length);
    for (let i = 0; i < nodes; i++) {
      gradients('head.b')[0] += dPredictions[i];
      for (let k = 0; k < width; k++) {
        gradients('head.w')[k] += dPredictions[i] * top[i * width + k];
        dState[i * width + k] = dPredictions[i] * headWeights[k];
      }
    }
    for (let l = passes.length - 1; l >= 0; l--) {
      const { shape, weights: own, input, mask, run } = passes[l];
      const gradient = attentionBackward(input, edges, own, shape, run, dState);
      gradients(`gat.${l}.w`).set(gradient.w);
      gradients(`gat.${l}.a_target`).set(gradient.aTarget);
      gradients(`gat.${l}.a_source`).set(gradient.aSource);
      gradients(`gat.${l}.b`).set(gradient.b);
      dState = mask === undefined ? Float64Array.from(gradient.x) : gradient.x.map((value, k) => value * mask[k]);
    }
    return { parameters: flat, x: dState };
  }

  return { predictions, attention: passes.map(({ run }) => run.attention), backward };
}

function edgesOf({ rowStart, columns }: GraphBatch): Edges {
  const edges: [number, number][] = [];
  for (let i = 0; i + 1 < rowStart.length; i++) {
    for (let e = rowStart[i]; e < rowStart[i + 1]; e++) edges.push([i, columns[e]]);
  }
  return edges;
}

function layerWeights(weights: TensorViews, l: number): AttentionWeights {
  return {
    w: weights(`gat.${l}.w`),
    aTarget: weights(`gat.${l}.a_target`),
    aSource: weights(`gat.${l}.a_source`),
    b: weights(`gat.${l}.b`),
  };
}

/** Dropout's factors [rows, units]. */
export function dropoutMatrix(
  probability: number,
  stream: { seed: number; site: number; step: number },
  firstRow: number,
  rows: number,
  units: number,
): Float64Array {
  const mask = new Float64Array(rows * units);
  for (let row = 0; row < rows; row++) {
    dropoutFactors(mask, row * units, units, probability, stream, firstRow + row, 0);
  }
  return mask;
}

/** [edges, heads] → [heads, edges]. */
function transposed(values: Float64Array, rows: number, columns: number): Float64Array {
  return values.map((_, k) => values[(k % rows) * columns + Math.floor(k / rows)]);
}
