/**
 * A sealed LSTM as an ONNX model (opset 17): scaling, every member's stacked LSTM, layer norm, head, their mean, shift and scale in one
 * graph. It takes what `models predict` takes (rows × days × features, not scaled, in the manifest's order) and gives the same forecasts.
 * ONNX orders an LSTM's gates input, output, forget, cell; ours are input, forget, cell, output.
 */
import { AppError } from '#base/errors';
import { canonicalJson } from '#base/canonical-json';
import type { ModelManifest } from '#contract/model-manifest';
import { parameterLayout, type LstmNetwork } from '#quant/nn/network';
import { ProtobufWriter } from '#base/protobuf';

const FLOAT = 1;
const INT64 = 7;
const OPSET = 17;
const IR_VERSION = 8;
/** Where ONNX's i, o, f, c stand among our i, f, c, o. */
const GATES = [0, 3, 1, 2];
const NORM_EPSILON = 1e-5;

/** What of a bundle its ONNX form needs; the rest of the manifest travels along. */
export interface OnnxSource {
  readonly manifest: Pick<ModelManifest, 'model' | 'network' | 'input' | 'features' | 'output'>;
  readonly members: readonly Float32Array[];
}

/** Errors: BAD_REQUEST for a graph attention network, whose edges ONNX has no form for. */
export function onnxOf({ manifest, members }: OnnxSource): Uint8Array<ArrayBuffer> {
  const { network, input, features, output } = manifest;
  if (network.kind !== 'lstm' || input.kind !== 'windows') {
    throw new AppError(
      'BAD_REQUEST',
      `Expected an LSTM to write as ONNX, found ${network.kind}: its graph changes with every date and has no form there. Use models predict.`,
    );
  }
  const graph = new GraphWriter();
  // A feature without spread is 0 whatever comes in.
  const factor = features.map(({ deviation }) => (deviation > 0 ? 1 / deviation : 0));
  graph.constant(
    'mean',
    [features.length],
    Float32Array.from(features, ({ mean }) => mean),
  );
  graph.constant('factor', [features.length], Float32Array.from(factor));
  graph.constant('first_axis', [1], BigInt64Array.of(0n));
  graph.constant('direction_axis', [1], BigInt64Array.of(1n));
  graph.constant('row', [1], BigInt64Array.of(-1n));
  graph.constant('members', [], Float32Array.of(members.length));
  graph.constant('scale', [], Float32Array.of(output.scale));
  graph.constant('shift', [], Float32Array.of(output.shift));
  graph.node('Sub', ['x', 'mean'], ['centered']);
  graph.node('Mul', ['centered', 'factor'], ['scaled']);
  // Days first, as ONNX's LSTM wants it.
  graph.node('Transpose', ['scaled'], ['days'], { perm: [1, 0, 2] });
  const answers = members.map((parameters, m) => member(graph, network, parameters, m));
  graph.node('Sum', answers, ['sum']);
  graph.node('Div', ['sum', 'members'], ['answer']);
  graph.node('Mul', ['answer', 'scale'], ['sized']);
  graph.node('Add', ['sized', 'shift'], ['forecast']);
  const body = graph
    .finish(manifest.model)
    .message(11, valueInfo('x', ['rows', input.lookback, features.length]))
    .message(12, valueInfo('forecast', ['rows']));
  return new ProtobufWriter()
    .integer(1, IR_VERSION)
    .text(2, 'sextant')
    .message(7, body)
    .message(8, new ProtobufWriter().text(1, '').integer(2, OPSET))
    .message(14, new ProtobufWriter().text(1, 'manifest').text(2, canonicalJson(manifest)))
    .finish();
}

/** One network's answers, [rows]; returns the name of their tensor. */
function member(graph: GraphWriter, network: LstmNetwork, parameters: Float32Array, m: number): string {
  const tensors = new Map(parameterLayout(network).map((tensor) => [tensor.name, tensor]));
  const values = (name: string): Float32Array => {
    const { offset, size } = tensors.get(name) ?? { offset: 0, size: 0 };
    return parameters.subarray(offset, offset + size);
  };
  const { hidden: H } = network;
  const name = (part: string): string => `member${m}_${part}`;
  let state = 'days';
  for (let l = 0; l < network.layers; l++) {
    const D = l === 0 ? network.inputs : H;
    graph.constant(name(`w${l}`), [1, 4 * H, D], reordered(values(`lstm.${l}.w_ih`), H * D));
    graph.constant(name(`r${l}`), [1, 4 * H, H], reordered(values(`lstm.${l}.w_hh`), H * H));
    const biases = new Float32Array(8 * H);
    biases.set(reordered(values(`lstm.${l}.b_ih`), H));
    biases.set(reordered(values(`lstm.${l}.b_hh`), H), 4 * H);
    graph.constant(name(`b${l}`), [1, 8 * H], biases);
    const inputs = [state, name(`w${l}`), name(`r${l}`), name(`b${l}`)];
    graph.node('LSTM', inputs, [name(`y${l}`), name(`h${l}`)], { hidden_size: H });
    // [days, 1, rows, H] → [days, rows, H]
    graph.node('Squeeze', [name(`y${l}`), 'direction_axis'], [name(`s${l}`)]);
    state = name(`s${l}`);
  }
  graph.node('Squeeze', [name(`h${network.layers - 1}`), 'first_axis'], [name('last')]);
  let top = name('last');
  if (network.layerNorm) {
    graph.constant(name('gain'), [H], values('norm.gain'));
    graph.constant(name('bias'), [H], values('norm.bias'));
    graph.node('LayerNormalization', [top, name('gain'), name('bias')], [name('normed')], {
      axis: -1,
      epsilon: NORM_EPSILON,
    });
    top = name('normed');
  }
  graph.constant(name('head_w'), [H, 1], values('head.w'));
  graph.constant(name('head_b'), [1], values('head.b'));
  graph.node('MatMul', [top, name('head_w')], [name('product')]);
  graph.node('Add', [name('product'), name('head_b')], [name('column')]);
  graph.node('Reshape', [name('column'), 'row'], [name('answer')]);
  return name('answer');
}

/** Four blocks of `size` numbers from our order of gates into ONNX's. */
function reordered(values: Float32Array, size: number): Float32Array {
  const result = new Float32Array(4 * size);
  GATES.forEach((gate, place) => result.set(values.subarray(gate * size, (gate + 1) * size), place * size));
  return result;
}

type Attribute = number | readonly number[];

class GraphWriter {
  readonly #nodes: ProtobufWriter[] = [];
  readonly #constants: ProtobufWriter[] = [];

  node(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    const node = new ProtobufWriter();
    for (const input of inputs) node.text(1, input);
    for (const output of outputs) node.text(2, output);
    node.text(3, outputs[0]).text(4, op);
    for (const [key, value] of Object.entries(attributes)) node.message(5, attribute(key, value));
    this.#nodes.push(node);
  }

  constant(name: string, dims: readonly number[], values: Float32Array | BigInt64Array): void {
    const tensor = new ProtobufWriter();
    for (const dim of dims) tensor.integer(1, dim);
    tensor.integer(2, values instanceof Float32Array ? FLOAT : INT64).text(8, name);
    tensor.bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    this.#constants.push(tensor);
  }

  finish(name: string): ProtobufWriter {
    const graph = new ProtobufWriter();
    for (const node of this.#nodes) graph.message(1, node);
    graph.text(2, name);
    for (const constant of this.#constants) graph.message(5, constant);
    return graph;
  }
}

const ATTRIBUTE = { float: 1, int: 2, ints: 7 } as const;

function attribute(name: string, value: Attribute): ProtobufWriter {
  const written = new ProtobufWriter().text(1, name);
  if (typeof value !== 'number') {
    for (const item of value) written.integer(8, item);
    return written.integer(20, ATTRIBUTE.ints);
  }
  if (Number.isInteger(value)) return written.signed(3, value).integer(20, ATTRIBUTE.int);
  return written.float(2, value).integer(20, ATTRIBUTE.float);
}

function valueInfo(name: string, dims: readonly (string | number)[]): ProtobufWriter {
  const shape = new ProtobufWriter();
  for (const dim of dims) {
    const written = new ProtobufWriter();
    shape.message(1, typeof dim === 'string' ? written.text(2, dim) : written.integer(1, dim));
  }
  const tensor = new ProtobufWriter().integer(1, FLOAT).message(2, shape);
  return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensor));
}
