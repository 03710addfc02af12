import { describe, expect, test } from 'vitest';
import { createRandom } from '../array/random';
import { adamUpdate } from './adam';
import type { LossId } from './engine';
import { philox } from './dropout';
import { attentionBackward, attentionForward, attentionWidth, type Edges } from './graph-attention';
import { equalSections, LossEvaluator, meanSquares } from './losses';
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
    const loss = () => meanSquares(lstmForward(layers, x, shape).outputs, target).loss;
    const run = lstmForward(layers, x, shape);
    const gradients = lstmBackward(layers, run, meanSquares(run.outputs, target).gradient, shape);
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
    const loss = () => meanSquares(attentionForward(x, edges, weights, shape).out, target).loss;
    const run = attentionForward(x, edges, weights, shape);
    const dOut = meanSquares(run.out, target).gradient;
    const gradient = attentionBackward(x, edges, weights, shape, run, dOut);
    expect(worstGap(loss, x, gradient.x)).toBeLessThan(1e-9);
    expect(worstGap(loss, weights.w, gradient.w)).toBeLessThan(1e-9);
    expect(worstGap(loss, weights.aTarget, gradient.aTarget)).toBeLessThan(1e-9);
    expect(worstGap(loss, weights.aSource, gradient.aSource)).toBeLessThan(1e-9);
    expect(worstGap(loss, weights.b, gradient.b)).toBeLessThan(1e-9);
  });

  test.each<LossId>(['mse', 'huber', 'ic', 'rank-ic', 'sharpe'])('of the loss %s, some labels missing', (id) => {
    const scores = draw(30);
    const returns = draw(30).map((value, k) => (k % 7 === 3 ? NaN : 0.02 * value));
    const evaluator = new LossEvaluator(30);
    const gradient = new Float64Array(30);
    const loss = { id, delta: 0.4 };
    const lossAt = () => evaluator.evaluate(loss, scores, returns, equalSections(6, 5), new Float64Array(30));
    evaluator.evaluate(loss, scores, returns, equalSections(6, 5), gradient);
    expect(worstGap(lossAt, scores, gradient)).toBeLessThan(1e-8);
    expect(gradient[3]).toBeCloseTo(0, 15);
  });
});

describe('the rank loss', () => {
  const evaluator = new LossEvaluator(8);
  const lossOf = (scores: readonly number[], labels: readonly number[]) =>
    evaluator.evaluate(
      { id: 'rank-ic' },
      Float64Array.from(scores),
      Float64Array.from(labels),
      equalSections(1, scores.length),
      new Float64Array(scores.length),
    );

  test('does not see the level and scale of predictions, nor the sizes of labels', () => {
    const scores = [0.3, -1, 2, 0.7, 0.1];
    const labels = [1, 2, 9, 4, 3];
    const loss = lossOf(scores, labels);
    expect(
      lossOf(
        scores.map((value) => 5 + 0.01 * value),
        labels,
      ),
    ).toBeCloseTo(loss, 12);
    expect(lossOf(scores, [1, 2, 900, 5, 4])).toBeCloseTo(loss, 12);
  });

  test('is near −1 for predictions in the order of their labels', () => {
    expect(lossOf([1, 2, 3, 4, 5, 6], [1, 4, 9, 16, 25, 36])).toBeLessThan(-0.999);
    expect(lossOf([6, 5, 4, 3, 2, 1], [1, 4, 9, 16, 25, 36])).toBeGreaterThan(0.999);
  });
});

// The published answers of the generator (Random123, kat_vectors).
test.each([
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [-1, -1, -1, -1],
    [-1, -1],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
])('Philox of counter %j', (counter, [key0, key1], expected) => {
  const block = Uint32Array.from(counter);
  philox(block, key0, key1);
  expect([...block]).toEqual(expected);
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
  const moments = { parameters: p, first: new Float64Array(2), second: new Float64Array(2) };
  const update = { learningRate: 0.05, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 };
  for (let step = 1; step <= 2000; step++) adamUpdate(moments, Float64Array.of(2 * p[0], 2000 * p[1]), step, update);
  expect(Math.hypot(p[0], p[1])).toBeLessThan(1e-3);
});

test('a gradient that is not finite moves nothing', () => {
  const moments = { parameters: Float64Array.of(1), first: Float64Array.of(0.5), second: Float64Array.of(0.5) };
  const update = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 };
  expect(adamUpdate(moments, Float64Array.of(NaN), 1, update)).toBeNaN();
  expect(moments).toEqual({
    parameters: Float64Array.of(1),
    first: Float64Array.of(0.5),
    second: Float64Array.of(0.5),
  });
});
