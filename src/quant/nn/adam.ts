/** Adam and AdamW with bias correction and gradient clipping (Kingma, Ba 2015; Loshchilov, Hutter 2019). */
import type { Update } from './engine';

type Numbers = Float32Array | Float64Array;

/** The arrays that an update moves, of one length. */
export interface Moments {
  readonly parameters: Numbers;
  readonly first: Numbers;
  readonly second: Numbers;
}

/**
 * Update number `step` (from 1), in place; returns the norm of the gradient before clipping.
 * A gradient whose norm is not finite moves nothing.
 */
export function adamUpdate(moments: Moments, gradient: Numbers, step: number, update: Update): number {
  const { parameters, first, second } = moments;
  const { learningRate, beta1, beta2, epsilon, weightDecay, coupledDecay = false, clipNorm } = update;
  let squares = 0;
  for (let k = 0; k < gradient.length; k++) squares += gradient[k] * gradient[k];
  const norm = Math.sqrt(squares);
  if (!Number.isFinite(norm)) return norm;
  const clip = clipFactor(norm, clipNorm);
  const correction1 = 1 - beta1 ** step;
  const correction2 = 1 - beta2 ** step;
  for (let k = 0; k < parameters.length; k++) {
    if (!coupledDecay) parameters[k] -= learningRate * weightDecay * parameters[k];
    const g = gradient[k] * clip + (coupledDecay ? weightDecay * parameters[k] : 0);
    first[k] = beta1 * first[k] + (1 - beta1) * g;
    second[k] = beta2 * second[k] + (1 - beta2) * g * g;
    parameters[k] -= (learningRate * (first[k] / correction1)) / (Math.sqrt(second[k] / correction2) + epsilon);
  }
  return norm;
}

/** What a gradient of that norm is multiplied by. */
export function clipFactor(norm: number, clipNorm: number | null): number {
  return clipNorm === null ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
}
