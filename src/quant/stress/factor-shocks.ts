/**
 * "What if the market fell 20 %": shocks to some factors, the others moved as their covariance with them suggests
 * (conditional Gaussian mean; Kupiec 1998), and every asset by its betas. Parts by asset and by factor add up to the total.
 */
import { AppError } from '#base/errors';
import { cholesky, choleskySolve } from '../array/linalg';

export interface FactorShockInput {
  /** Length N. */
  readonly weights: Float64Array;
  /** [N, K]. */
  readonly betas: Float64Array;
  /** [K, K]; read only where shocks spread. */
  readonly factorCovariance: Float64Array;
  readonly N: number;
  readonly K: number;
}

export interface FactorShock {
  readonly factor: number;
  /** Return of the factor, a fraction. */
  readonly value: number;
}

export interface ShockOutcome {
  /** Sum of either list of parts; fraction of net asset value. */
  readonly return: number;
  /** What every factor does, length K. */
  readonly factorMoves: Float64Array;
  /** Σ_k β_ik move_k, length N. */
  readonly assetMoves: Float64Array;
  readonly byAsset: Float64Array;
  readonly byFactor: Float64Array;
}

/**
 * `spread`: factors without a shock take their conditional mean F_us F_ss⁻¹ s instead of 0.
 * Errors: BAD_REQUEST for no shock, an unknown factor or one named twice; SINGULAR where the shocked factors are dependent; INVALID_DATA.
 */
export function shockFactors(input: FactorShockInput, shocks: readonly FactorShock[], spread: boolean): ShockOutcome {
  const { weights, betas, N, K } = input;
  if (weights.length !== N || betas.length !== N * K) {
    throw new AppError(
      'INVALID_DATA',
      `Expected ${N} weights and ${N} × ${K} betas, found ${weights.length} and ${betas.length} numbers.`,
    );
  }
  const named = new Set(shocks.map(({ factor }) => factor));
  if (shocks.length === 0 || named.size !== shocks.length || shocks.some(({ factor }) => !isFactor(factor, K))) {
    throw new AppError(
      'BAD_REQUEST',
      `Expected one shock each for some of ${K} factors, found ${JSON.stringify(shocks)}.`,
    );
  }
  const factorMoves = movesOf(input, shocks, spread);
  const assetMoves = new Float64Array(N);
  const byFactor = new Float64Array(K);
  for (let i = 0; i < N; i++) {
    for (let k = 0; k < K; k++) {
      const move = betas[i * K + k] * factorMoves[k];
      assetMoves[i] += move;
      byFactor[k] += weights[i] * move;
    }
  }
  const byAsset = assetMoves.map((move, i) => weights[i] * move);
  return { return: byAsset.reduce((sum, value) => sum + value, 0), factorMoves, assetMoves, byAsset, byFactor };
}

function isFactor(factor: number, K: number): boolean {
  return Number.isInteger(factor) && factor >= 0 && factor < K;
}

function movesOf({ factorCovariance: F, K }: FactorShockInput, shocks: readonly FactorShock[], spread: boolean) {
  const moves = new Float64Array(K);
  for (const { factor, value } of shocks) moves[factor] = value;
  if (!spread || shocks.length === K) return moves;
  const m = shocks.length;
  const Fss = new Float64Array(m * m);
  shocks.forEach(({ factor: a }, i) => {
    shocks.forEach(({ factor: b }, j) => {
      Fss[i * m + j] = F[a * K + b];
    });
  });
  const solved = choleskySolve(
    cholesky(Fss, m),
    m,
    Float64Array.from(shocks, ({ value }) => value),
  );
  const shocked = new Set(shocks.map(({ factor }) => factor));
  for (let u = 0; u < K; u++) {
    if (shocked.has(u)) continue;
    shocks.forEach(({ factor }, j) => {
      moves[u] += F[u * K + factor] * solved[j];
    });
  }
  return moves;
}
