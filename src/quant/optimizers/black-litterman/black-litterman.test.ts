import { expect, test } from 'vitest';
import { createRandom } from '#quant/array/random';
import { blackLitterman } from '#quant/expected-returns/black-litterman';
import { gram } from '#quant/kernels/gram';
import { absolutePosterior } from './posterior';

const N = 6;
const random = createRandom(4);
const S = gram(
  Float64Array.from({ length: 20 * N }, () => random.normal()),
  20,
  N,
  { scale: 0.002 },
);
const views = {
  market: new Float64Array(N).fill(1 / N),
  riskAversion: 2.5,
  tau: 0.05,
  q: Float64Array.from({ length: N }, () => 0.1 * random.normal()),
};

test('at confidence ½ the posterior is that of the general formulas with one view per asset', () => {
  const P = new Float64Array(N * N);
  for (let i = 0; i < N; i++) P[i * N + i] = 1;
  const general = blackLitterman(S, N, views.market, 2.5, 0.05, { P, q: views.q });
  const ours = absolutePosterior(S, N, { ...views, confidence: 0.5 });
  ours.mean.forEach((value, i) => expect(value).toBeCloseTo(general.mean[i], 12));
  ours.covariance.forEach((value, i) => expect(value).toBeCloseTo(general.covariance[i], 12));
});

test('no confidence keeps the prior, full confidence takes the views', () => {
  const none = absolutePosterior(S, N, { ...views, confidence: 1e-9 });
  none.mean.forEach((value, i) => expect(value).toBeCloseTo(none.prior[i], 7));
  const full = absolutePosterior(S, N, { ...views, confidence: 1 - 1e-9 });
  full.mean.forEach((value, i) => expect(value).toBeCloseTo(views.q[i], 6));
});
