import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import { Adam } from './adam';
import { attentionBackward, attentionForward, attentionWidth, type Edges } from './graph-attention';
import { informationCoefficientLoss, meanSquaredLoss, sharpeLoss } from './losses';
import { lstmBackward, lstmForward, type LstmLayer } from './lstm';

const random = createRandom(11);
const draw = (n: number) => Float64Array.from({ length: n }, () => 0.6 * random.normal());

/** Largest gap between a gradient and central differences of `f` in `x`, which is changed and put back. */
function worstGap(f: () => number, x: Float64Array, gradient: Float64Array): number {
  let worst = 0;
  for (let k = 0; k < x.length; k++) {
    const held = x[k];
    x[k] = held + 1e-5;
    const above = f();
    x[k] = held - 1e-5;
    const below = f();
    x[k] = held;
    worst = Math.max(worst, Math.abs((above - below) / 2e-5 - gradient[k]));
  }
  return worst;
}

describe('gradients equal finite differences', () => {
  test.each([1, 2])('of an LSTM with %d layers', (count) => {
    const shape = { batch: 2, steps: 4, inputs: 3, hidden: 2 };
    const layers = Array.from({ length: count }, (_, l): LstmLayer => ({
      wIh: draw(8 * (l === 0 ? 3 : 2)),
      wHh: draw(8 * 2),
      bIh: draw(8),
      bHh: draw(8),
    }));
    const x = draw(2 * 4 * 3);
    const target = draw(2 * 4 * 2);
    const loss = () => meanSquaredLoss(lstmForward(layers, x, shape).outputs, target).loss;
    const run = lstmForward(layers, x, shape);
    const gradients = lstmBackward(layers, run, meanSquaredLoss(run.outputs, target).gradient, shape);
    expect(worstGap(loss, x, gradients.x)).toBeLessThan(1e-9);
    layers.forEach((layer, l) => {
      const gradient = gradients.layers[l];
      expect(worstGap(loss, layer.wIh, gradient.wIh)).toBeLessThan(1e-9);
      expect(worstGap(loss, layer.wHh, gradient.wHh)).toBeLessThan(1e-9);
      expect(worstGap(loss, layer.bIh, gradient.bIh)).toBeLessThan(1e-9);
      expect(worstGap(loss, layer.bHh, gradient.bHh)).toBeLessThan(1e-9);
    });
  });

  test.each([true, false])('of a graph attention layer (heads concatenated: %s)', (concat) => {
    const shape = { nodes: 5, features: 3, heads: 2, channels: 2, concat, negativeSlope: 0.2 };
    const edges: Edges = [
      [0, 0],
      [0, 1],
      [1, 1],
      [1, 4],
      [2, 2],
      [2, 0],
      [2, 3],
      [3, 3],
      [4, 4],
      [4, 2],
    ];
    const width = attentionWidth(shape);
    const weights = { w: draw(2 * 2 * 3), aTarget: draw(4), aSource: draw(4), b: draw(width) };
    const x = draw(15);
    const target = draw(5 * width);
    const loss = () => meanSquaredLoss(attentionForward(x, edges, weights, shape).out, target).loss;
    const run = attentionForward(x, edges, weights, shape);
    const dOut = meanSquaredLoss(run.out, target).gradient;
    const gradient = attentionBackward(x, edges, weights, shape, run, dOut);
    expect(worstGap(loss, x, gradient.x)).toBeLessThan(1e-9);
    expect(worstGap(loss, weights.w, gradient.w)).toBeLessThan(1e-9);
    expect(worstGap(loss, weights.aTarget, gradient.aTarget)).toBeLessThan(1e-9);
    expect(worstGap(loss, weights.aSource, gradient.aSource)).toBeLessThan(1e-9);
    expect(worstGap(loss, weights.b, gradient.b)).toBeLessThan(1e-9);
  });

  test('of the Sharpe and information-coefficient losses', () => {
    const scores = draw(30);
    const returns = draw(30).map((value) => 0.02 * value);
    for (const lossOf of [sharpeLoss, informationCoefficientLoss]) {
      const { gradient } = lossOf(scores, returns, 6, 5);
      expect(worstGap(() => lossOf(scores, returns, 6, 5).loss, scores, gradient)).toBeLessThan(1e-8);
    }
  });
});

test('attention rows sum to one', () => {
  const shape = { nodes: 3, features: 2, heads: 1, channels: 2, concat: true, negativeSlope: 0.2 };
  const edges: Edges = [
    [0, 0],
    [0, 2],
    [1, 1],
    [2, 2],
    [2, 0],
    [2, 1],
  ];
  const { attention } = attentionForward(
    draw(6).map((value) => 50 * value),
    edges,
    { w: draw(4), aTarget: draw(2), aSource: draw(2), b: draw(2) },
    shape,
  );
  const sums = [0, 0, 0];
  edges.forEach(([i], e) => (sums[i] += attention[e]));
  for (const sum of sums) expect(sum).toBeCloseTo(1, 14);
});

test('Adam reaches the minimum of a badly scaled bowl', () => {
  const p = Float64Array.of(3, -2);
  const options = { learningRate: 0.05, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };
  const optimizer = new Adam(2, { ...options, decoupled: false, clipNorm: 1 });
  for (let step = 0; step < 2000; step++) optimizer.step(p, Float64Array.of(2 * p[0], 2000 * p[1]));
  expect(Math.hypot(p[0], p[1])).toBeLessThan(1e-3);
});
