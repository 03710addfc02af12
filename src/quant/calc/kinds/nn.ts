/** `nn.*`: building blocks of the neural networks with fixed weights, outputs and gradients. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { multiplyTransposeVector, multiplyVector } from '#quant/array/linalg';
import { adamUpdate } from '#quant/nn/adam';
import type { Update } from '#quant/nn/engine';
import { attentionBackward, attentionForward, attentionWidth } from '#quant/nn/graph-attention';
import { equalSections, LossEvaluator, meanSquares } from '#quant/nn/losses';
import { lstmBackward, lstmForward, type LstmLayer } from '#quant/nn/lstm';
import { calcKind, type CalcInput } from '../kind';
import { adamBy, gatBy, lossesBy, lstmBy, type GatQuestion, type LstmQuestion } from '../network-answers';
import { checkJson, readJson, tensor, tensorData, tensorSchema } from '../tensors';
import { requireInput } from '../tables';

const TENSOR = 'tensor {"shape", "data"}, row-major';
const size = z.int().gte(1);

const layerSchema = z.object({ w_ih: tensorSchema, w_hh: tensorSchema, b_ih: tensorSchema, b_hh: tensorSchema });
const lstmWeights = z.record(z.string(), z.unknown());
const headSchema = z.object({ w: tensorSchema, b: tensorSchema });

function readLayer(value: unknown, name: string, inputs: number, H: number): LstmLayer {
  const layer = checkJson(value, layerSchema, name);
  return {
    wIh: tensorData(layer.w_ih, [4 * H, inputs], `${name}.w_ih`),
    wHh: tensorData(layer.w_hh, [4 * H, H], `${name}.w_hh`),
    bIh: tensorData(layer.b_ih, [4 * H], `${name}.b_ih`),
    bHh: tensorData(layer.b_hh, [4 * H], `${name}.b_hh`),
  };
}

const lstmParams = z.strictObject({ layers: size, hidden: size, lookback: size, features: size, batch: size });
type Inputs = Readonly<Record<string, CalcInput>>;

function readLstm(inputs: Inputs, params: z.infer<typeof lstmParams>): LstmQuestion {
  const { layers: count, hidden: H, lookback: L, features: D, batch: B } = params;
  const weights = readJson(requireInput(inputs, 'weights'), lstmWeights);
  const names = Array.from({ length: count }, (_, l) => `layer${l}`);
  const layers = names.map((name, l) => readLayer(weights[name], name, l === 0 ? D : H, H));
  const head = Object.hasOwn(inputs, 'head')
    ? readJson(inputs['head'], headSchema)
    : checkJson(weights['head'], headSchema, 'head');
  const headWeights = tensorData(head.w, [1, H], 'head.w');
  const headBias = tensorData(head.b, [1], 'head.b')[0];
  const x = tensorData(readJson(requireInput(inputs, 'x'), tensorSchema), [B, L, D], 'x');
  const y = tensorData(readJson(requireInput(inputs, 'y'), tensorSchema), [B, 1], 'y');
  return { layers, headWeights, headBias, x, y, shape: { batch: B, steps: L, inputs: D, hidden: H } };
}

const lstm = calcKind({
  id: 'nn.lstm',
  summary: 'Stacked LSTM with a linear head: outputs, loss and gradients.',
  recipe:
    'Gate rows in the order input, forget, cell (tanh), output; gates = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh; c_t = f*c_{t-1} + i*g; ' +
    'h_t = o*tanh(c_t); zero initial state; batch first. pred = head.w h_last + head.b (last layer, last step). ' +
    'loss = mean over batch of (pred-y)^2. Tensors are row-major: w_ih [4H,D], w_hh [4H,H].',
  inputs: {
    x: TENSOR,
    y: TENSOR,
    weights: 'layer0 … of tensors w_ih, w_hh, b_ih, b_hh, and head (w, b)',
    'head?': 'w, b',
  },
  params: lstmParams,
  runOn: (inputs, params, engine) => lstmBy(engine, readLstm(inputs, params)),
  run: (inputs, params) => {
    const { layers, headWeights, headBias, x, y, shape } = readLstm(inputs, params);
    const { batch: B, steps: L, inputs: D, hidden: H } = shape;
    const run = lstmForward(layers, x, shape);
    const last = new Float64Array(B * H);
    for (let b = 0; b < B; b++) last.set(run.outputs.subarray((b * L + L - 1) * H, (b * L + L) * H), b * H);
    const prediction = multiplyVector(last, headWeights, B, H).map((value) => value + headBias);
    const { loss, gradient } = meanSquares(prediction, y);
    const dOutputs = new Float64Array(run.outputs.length);
    for (let b = 0; b < B; b++) {
      for (let k = 0; k < H; k++) dOutputs[(b * L + L - 1) * H + k] = gradient[b] * headWeights[k];
    }
    const gradients = lstmBackward(layers, run, dOutputs, shape);
    return {
      outputs: tensor([B, L, H], run.outputs),
      pred: tensor([B, 1], prediction),
      loss,
      grad: {
        x: tensor([B, L, D], gradients.x),
        weights: Object.fromEntries(
          gradients.layers.map((layer, l) => [
            `layer${l}`,
            {
              w_ih: tensor([4 * H, l === 0 ? D : H], layer.wIh),
              w_hh: tensor([4 * H, H], layer.wHh),
              b_ih: tensor([4 * H], layer.bIh),
              b_hh: tensor([4 * H], layer.bHh),
            },
          ]),
        ),
        head: {
          w: tensor([1, H], multiplyTransposeVector(last, gradient, B, H)),
          b: tensor([1], Float64Array.of(gradient.reduce((a, b) => a + b, 0))),
        },
      },
    };
  },
});

const edgesSchema = z.array(z.tuple([z.int().gte(0), z.int().gte(0)]));
const attentionWeights = z.object({ w: tensorSchema, a_target: tensorSchema, a_source: tensorSchema, b: tensorSchema });

const gatParams = z.strictObject({
  heads: size,
  channels: size,
  features: size,
  nodes: size,
  concat: z.boolean(),
  negative_slope: z.number().default(0.2),
});

function readGat(inputs: Inputs, params: z.infer<typeof gatParams>): GatQuestion {
  const { heads, channels: C, features: F, nodes: N, concat } = params;
  const shape = { heads, channels: C, features: F, nodes: N, concat, negativeSlope: params.negative_slope };
  const width = attentionWidth(shape);
  const edges = readJson(requireInput(inputs, 'edges'), edgesSchema);
  if (edges.some(([i, j]) => i >= N || j >= N)) {
    throw new AppError('INVALID_DATA', `Expected edges between nodes 0 … ${N - 1}, found a larger number.`);
  }
  const raw = readJson(requireInput(inputs, 'weights'), attentionWeights);
  const weights = {
    w: tensorData(raw.w, [heads, C, F], 'w'),
    aTarget: tensorData(raw.a_target, [heads, C], 'a_target'),
    aSource: tensorData(raw.a_source, [heads, C], 'a_source'),
    b: tensorData(raw.b, [width], 'b'),
  };
  const x = tensorData(readJson(requireInput(inputs, 'x'), tensorSchema), [N, F], 'x');
  const y = tensorData(readJson(requireInput(inputs, 'y'), tensorSchema), [N, width], 'y');
  return { weights, edges, x, y, shape };
}

const gat = calcKind({
  id: 'nn.gat',
  summary: 'Graph attention layer: attention, outputs, loss and gradients.',
  recipe:
    'h = W x per head (w is [heads,C,F]). For every edge (i,j) (row i attends to j; self-loops are included in the list): ' +
    'e_ij = leakyrelu(a_target.h_i + a_source.h_j); alpha_ij = softmax over j of row i; out_i = sum_j alpha_ij h_j; heads concatenated ' +
    '(head-major) or averaged; + b; ELU. loss = mean((out-y)^2) over all entries. Tensors row-major.',
  inputs: { x: TENSOR, y: TENSOR, edges: 'list of [i, j]', weights: 'tensors w, a_target, a_source, b' },
  params: gatParams,
  runOn: (inputs, params, engine) => gatBy(engine, readGat(inputs, params)),
  run: (inputs, params) => {
    const { weights, edges, x, y, shape } = readGat(inputs, params);
    const { heads, channels: C, features: F, nodes: N } = shape;
    const width = attentionWidth(shape);
    const run = attentionForward(x, edges, weights, shape);
    const { loss, gradient } = meanSquares(run.out, y);
    const grad = attentionBackward(x, edges, weights, shape, run, gradient);
    const attention = new Float64Array(heads * N * N);
    run.attention.forEach((share, at) => {
      const [i, j] = edges[at % edges.length];
      attention[(Math.floor(at / edges.length) * N + i) * N + j] += share;
    });
    return {
      attention: tensor([heads, N, N], attention),
      out: tensor([N, width], run.out),
      loss,
      grad: {
        x: tensor([N, F], grad.x),
        w: tensor([heads, C, F], grad.w),
        a_target: tensor([heads, C], grad.aTarget),
        a_source: tensor([heads, C], grad.aSource),
        b: tensor([width], grad.b),
      },
    };
  },
});

const adamParams = z.strictObject({
  lr: z.number().gt(0),
  beta1: z.number().gte(0).lt(1).default(0.9),
  beta2: z.number().gte(0).lt(1).default(0.999),
  epsilon: z.number().gte(0).default(1e-8),
  weight_decay: z.number().gte(0).default(0),
  decoupled: z.boolean().default(false),
  clip_norm: z.number().gt(0).nullable().default(null),
  steps: size,
});

interface AdamQuestion {
  readonly start: readonly number[];
  readonly update: Update;
  slopeAt(p: Float64Array): { readonly loss: number; readonly gradient: Float64Array };
}

function readAdam(inputs: Inputs, options: z.infer<typeof adamParams>): AdamQuestion {
  const start = readJson(requireInput(inputs, 'params'), tensorSchema).data;
  const matrix = readJson(requireInput(inputs, 'matrix'), tensorSchema);
  const n = start.length;
  const rows = matrix.shape[0] ?? 0;
  const A = tensorData(matrix, [rows, n], 'matrix');
  const update = {
    learningRate: options.lr,
    beta1: options.beta1,
    beta2: options.beta2,
    epsilon: options.epsilon,
    weightDecay: options.weight_decay,
    coupledDecay: !options.decoupled,
    clipNorm: options.clip_norm,
  };
  const slopeAt = (p: Float64Array) => {
    const Ap = multiplyVector(A, p, rows, n);
    const loss =
      Ap.reduce((sum, value) => sum + value * value, 0) / rows + p.reduce((sum, value) => sum + Math.sin(value), 0);
    const slope = multiplyTransposeVector(A, Ap, rows, n);
    return { loss, gradient: slope.map((value, k) => (2 * value) / rows + Math.cos(p[k])) };
  };
  return { start, update, slopeAt };
}

const adam = calcKind({
  id: 'nn.adam',
  summary: 'Steps of Adam or AdamW on a fixed function.',
  recipe:
    'f(p) = mean((A p)^2) + sum(sin p). Adam with bias correction (epsilon added to sqrt(vhat)); weight_decay is L2 in the gradient, or ' +
    'decoupled (AdamW); clip_norm scales the whole gradient to that 2-norm first (factor clip/(norm+1e-6) when that is < 1). ' +
    'Answer: loss and gradient norm before, parameters after, each step.',
  inputs: { params: TENSOR, matrix: TENSOR },
  params: adamParams,
  runOn: (inputs, options, engine) => {
    const { start, slopeAt, update } = readAdam(inputs, options);
    return adamBy(engine, start, options.steps, update, slopeAt);
  },
  run: (inputs, options) => {
    const { start, slopeAt, update } = readAdam(inputs, options);
    const p = Float64Array.from(start);
    const moments = { parameters: p, first: new Float64Array(p.length), second: new Float64Array(p.length) };
    const trace = Array.from({ length: options.steps }, (_, step) => {
      const { loss, gradient } = slopeAt(p);
      const norm = adamUpdate(moments, gradient, step + 1, update);
      return { loss, grad_norm: norm, params: Array.from(p) };
    });
    return { trace };
  },
});

const lossesParams = z.strictObject({ dates: z.int().gte(2), assets: z.int().gte(2) });

function readLosses(
  inputs: Inputs,
  { dates, assets }: z.infer<typeof lossesParams>,
): { scores: Float64Array; returns: Float64Array } {
  const read = (name: string): Float64Array =>
    tensorData(readJson(requireInput(inputs, name), tensorSchema), [dates, assets], name);
  return { scores: read('scores'), returns: read('returns') };
}

const losses = calcKind({
  id: 'nn.losses',
  summary: 'Sharpe and information-coefficient losses with their gradients.',
  recipe:
    'sharpe: weights = softmax of scores per date, portfolio return = sum w r, loss = -mean/std (divisor T-1). ' +
    'ic: minus the mean over dates of the Pearson correlation of scores and returns across assets.',
  inputs: { scores: TENSOR, returns: TENSOR },
  params: lossesParams,
  runOn: (inputs, params, engine) => {
    const { scores, returns } = readLosses(inputs, params);
    return lossesBy(engine, scores, returns, params.dates, params.assets);
  },
  run: (inputs, { dates, assets }) => {
    const { scores, returns } = readLosses(inputs, { dates, assets });
    const evaluator = new LossEvaluator(dates * assets);
    const answer = (id: 'sharpe' | 'ic') => {
      const gradient = new Float64Array(dates * assets);
      const loss = evaluator.evaluate({ id }, scores, returns, equalSections(dates, assets), gradient);
      return { loss, grad: tensor([dates, assets], gradient) };
    };
    return { sharpe: answer('sharpe'), ic: answer('ic') };
  },
});

export const kinds = [lstm, gat, adam, losses];
