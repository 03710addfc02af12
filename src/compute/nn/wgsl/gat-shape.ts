/**
 * How a graph attention network lies on the device: parameters as in the flat layout, what nodes keep and their gradients in one buffer
 * each, by layer and kind, at fixed places for the largest graph.
 */
import { AppError } from '#base/errors';
import type { SessionOptions } from '#quant/nn/engine';
import { parameterLayout, type GatLayer, type GatNetwork } from '#quant/nn/network';
import { ROW_BASE } from './shader-parts';

export const THREADS = 64;
const MAX_SPLITS = 32;
const NODES_PER_SPLIT = 16;

/** Places are floats from the start of their buffer; a region is [nodes, width]. */
export interface GatLayerShape extends GatLayer {
  readonly index: number;
  readonly features: number;
  /** Of all heads: heads × channels. */
  readonly width: number;
  readonly outputs: number;
  /** In the parameters. */
  readonly weights: number;
  readonly target: number;
  readonly source: number;
  readonly bias: number;
  /** In `nodes`: inputs after dropout, projections, the two halves of the score, outputs. */
  readonly x: number;
  readonly h: number;
  readonly targetPart: number;
  readonly sourcePart: number;
  readonly out: number;
  /** In `nodeSlopes`: of the projections, of the halves of the score, of the sum before its ELU. */
  readonly dh: number;
  readonly dTarget: number;
  readonly dSource: number;
  readonly dSum: number;
}

export interface GatShape {
  readonly network: GatNetwork;
  readonly layers: readonly GatLayerShape[];
  readonly headWeight: number;
  readonly headBias: number;
  readonly parameters: number;
  readonly packedVectors: number;
  readonly nodeFloats: number;
  readonly slopeFloats: number;
}

/** Errors: DEVICE_UNAVAILABLE for half precision; TOO_LARGE where a node does not fit into the workgroup's memory. */
export function gatShape(network: GatNetwork, { largest, precision }: SessionOptions, sharedBytes: number): GatShape {
  if (precision !== 'f32') {
    throw new AppError(
      'DEVICE_UNAVAILABLE',
      'Expected single precision for graph attention, found half: its activations are small beside its graph. Choose f32.',
      { data: { reason: 'precision' } },
    );
  }
  const start = new Map(parameterLayout(network).map(({ name, offset }) => [name, offset]));
  const at = (name: string): number => start.get(name) ?? 0;
  let nodeFloats = 0;
  let slopeFloats = 0;
  const node = (width: number): number => (nodeFloats += largest.rows * width) - largest.rows * width;
  const slope = (width: number): number => (slopeFloats += largest.rows * width) - largest.rows * width;
  let features = network.inputs;
  const layers = network.layers.map((layer, index): GatLayerShape => {
    const { heads, channels, concat } = layer;
    const width = heads * channels;
    const outputs = concat ? width : channels;
    const shape = {
      ...layer,
      index,
      features,
      width,
      outputs,
      weights: at(`gat.${index}.w`),
      target: at(`gat.${index}.a_target`),
      source: at(`gat.${index}.a_source`),
      bias: at(`gat.${index}.b`),
      x: node(features),
      h: node(width),
      targetPart: node(heads),
      sourcePart: node(heads),
      out: node(outputs),
      dh: slope(width),
      dTarget: slope(heads),
      dSource: slope(heads),
      dSum: slope(outputs),
    };
    features = outputs;
    return shape;
  });
  const shared = 4 * Math.max(...layers.map(({ features: f, width, outputs, heads }) => f + width + outputs + heads));
  if (2 * shared > sharedBytes) {
    throw new AppError(
      'TOO_LARGE',
      `Expected graph attention layers whose node fits in ${sharedBytes} bytes of workgroup memory, found ${2 * shared}. Use fewer heads or channels.`,
      { data: { reason: 'workgroup-memory' } },
    );
  }
  const headBias = at('head.b');
  return {
    network,
    layers,
    headWeight: at('head.w'),
    headBias,
    parameters: headBias + 1,
    packedVectors: Math.ceil((headBias + 1) / 4),
    nodeFloats,
    slopeFloats,
  };
}

/** Parts into which sums over the nodes are split. */
export function nodeSplits(nodes: number): number {
  return Math.min(MAX_SPLITS, Math.ceil(nodes / NODES_PER_SPLIT));
}

/** Words of the largest batch: header, row bases, labels and their group, the graph by target and by source. */
export function gatBatchWords({ largest }: SessionOptions): number {
  const { rows, edges = 0 } = largest;
  return ROW_BASE + rows + (rows + rows + 4) + (rows + 1 + edges) + (rows + 1 + 2 * edges);
}
