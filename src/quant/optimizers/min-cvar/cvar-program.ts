/**
 * Minimum conditional value at risk, exactly: the program of Rockafellar and Uryasev (2000) as a convex piecewise-linear function
 * of (w, α), minimized from vertex to vertex. A vertex is n + 1 independent active constraints (bounds, rows, scenarios whose
 * loss equals α); each step leaves one, and the line search passes every scenario kink on the way to the minimum of the ray.
 */
import { AppError } from '#base/errors';
import { dot } from '#quant/array/linalg';
import { createRandom } from '#quant/array/random';
import type { LinearRow } from '../quadratic/program';
import { createBasis, type Basis } from './basis';

export interface CvarProgram {
  /** [T, n] row-major returns; the loss of a day is −wᵀr. */
  readonly returns: Float64Array;
  readonly T: number;
  readonly n: number;
  /** Share of days outside the tail, e.g. 0.95. */
  readonly confidence: number;
  /** Finite. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly rows: readonly LinearRow[];
}

export interface CvarSolution {
  readonly weights: Float64Array;
  /** Mean loss of the worst (1 − confidence) share of days. */
  readonly cvar: number;
  readonly iterations: number;
}

/** Kinds of active constraint: a bound of asset `index`, a row, or a scenario with zero excess loss. */
interface Active {
  readonly kind: 'lower' | 'upper' | 'row' | 'scenario';
  readonly index: number;
}

interface Stop {
  readonly step: number;
  readonly active: Active;
}

const MULTIPLIER_TOLERANCE = 1e-10;
const PIVOT = 1e-9;

/** @param start A vertex of bounds and rows. Errors: NOT_CONVERGED, BAD_REQUEST for infinite bounds. */
export function minimizeCvar(program: CvarProgram, start: Float64Array): CvarSolution {
  const { lower, upper } = program;
  if (!lower.every(Number.isFinite) || !upper.every(Number.isFinite)) {
    throw new AppError('BAD_REQUEST', 'Expected finite bounds for minimum CVaR. Set lower and upper.');
  }
  const exact = search(program, start, new Float64Array(program.T));
  if (exact !== undefined) return exact;
  const perturbed = search(program, start, tieBreakers(program));
  if (perturbed !== undefined) return perturbed;
  throw new AppError('NOT_CONVERGED', 'Expected the minimum CVaR, found none. Remove duplicated assets or days.');
}

/** → undefined where the path circles or its basis becomes singular. */
function search(program: CvarProgram, start: Float64Array, offsets: Float64Array): CvarSolution | undefined {
  const path = new Search(program, start, offsets);
  const limit = 100 * (program.n + 10) + 4 * program.T;
  try {
    for (let iteration = 0; iteration < limit; iteration++) {
      if (!path.isOptimal()) continue;
      return { weights: path.weights, cvar: conditionalValueAtRisk(program, path.weights), iterations: iteration };
    }
  } catch (error) {
    // A numerically singular basis is how a degenerate vertex shows; the caller breaks the ties and tries again.
    if (!(error instanceof AppError)) throw error;
  }
  return undefined;
}

/** Distinct tiny losses per scenario: equal days make many constraints meet in one vertex, where the exact search may circle. */
function tieBreakers({ returns, T }: CvarProgram): Float64Array {
  const largest = returns.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const random = createRandom(T);
  return Float64Array.from({ length: T }, () => 1e-11 * largest * random.uniform());
}

/** min_α α + Σ max(loss − α, 0) / ((1 − confidence) T). */
export function conditionalValueAtRisk({ returns, T, n, confidence }: CvarProgram, w: Float64Array): number {
  const losses = Float64Array.from({ length: T }, (_, t) => -dot(returns, t * n, w, 0, n)).sort();
  const tail = (1 - confidence) * T;
  const alpha = losses[Math.min(T - 1, Math.max(0, Math.ceil(T - tail - 1e-9) - 1))];
  let excess = 0;
  for (let t = T - 1; t >= 0 && losses[t] > alpha; t--) excess += losses[t] - alpha;
  return alpha + excess / tail;
}

class Search {
  readonly weights: Float64Array;
  private alpha = 0;
  /** Weight of one tail scenario in the objective. */
  private readonly price: number;
  /** Loss minus α per scenario; exactly 0 on active ones. */
  private readonly excess: Float64Array;
  private readonly active: Active[];
  private readonly isActive: Uint8Array;
  private readonly basis: Basis;

  constructor(
    private readonly program: CvarProgram,
    start: Float64Array,
    private readonly offsets: Float64Array,
  ) {
    const { T, n, confidence } = program;
    this.weights = start.slice();
    this.price = 1 / ((1 - confidence) * T);
    this.excess = Float64Array.from({ length: T }, (_, t) => offsets[t] - dot(program.returns, t * n, start, 0, n));
    const ranked = Array.from({ length: T }, (_, t) => t).sort((a, b) => this.excess[a] - this.excess[b]);
    const pivot = ranked[Math.min(T - 1, Math.floor(confidence * T))];
    this.alpha = this.excess[pivot];
    for (let t = 0; t < T; t++) this.excess[t] -= this.alpha;
    this.isActive = new Uint8Array(T);
    this.isActive[pivot] = 1;
    this.active = [{ kind: 'scenario', index: pivot }];
    this.basis = createBasis(n + 1);
    this.basis.push(this.normal(this.active[0]));
    for (const candidate of this.tightConstraints()) {
      if (this.active.length === n + 1) break;
      if (this.basis.push(this.normal(candidate))) this.active.push(candidate);
    }
    if (this.active.length < n + 1) {
      throw new AppError('INTERNAL', 'The start of the CVaR search is not a vertex. Please report this case.');
    }
    this.basis.invert();
  }

  /** Equality rows first: they must stay. */
  private tightConstraints(): Active[] {
    const { n, lower, upper, rows } = this.program;
    const equal: Active[] = [];
    const tight: Active[] = [];
    rows.forEach((row, index) => {
      if (row.kind === 'equal') equal.push({ kind: 'row', index });
      else if (row.bound - dot(row.coefficients, 0, this.weights, 0, n) <= 1e-12) tight.push({ kind: 'row', index });
    });
    const bounds: Active[] = [];
    for (let index = 0; index < n; index++) {
      if (this.weights[index] <= lower[index]) bounds.push({ kind: 'lower', index });
      else if (this.weights[index] >= upper[index]) bounds.push({ kind: 'upper', index });
    }
    return [...equal, ...bounds, ...tight];
  }

  /** Gradient by (w, α) of the function that an active constraint holds at a constant. */
  private normal({ kind, index }: Active): Float64Array {
    const { n, returns, rows } = this.program;
    const normal = new Float64Array(n + 1);
    if (kind === 'row') normal.set(rows[index].coefficients);
    else if (kind === 'scenario') {
      for (let i = 0; i < n; i++) normal[i] = -returns[index * n + i];
      normal[n] = -1;
    } else normal[index] = 1;
    return normal;
  }

  /** One step; true where no active constraint is worth leaving. */
  isOptimal(): boolean {
    const { leaving, sign } = this.chooseLeaving();
    if (leaving < 0) return true;
    const direction = this.basis.column(leaving);
    for (let i = 0; i < direction.length; i++) direction[i] *= sign;
    const stop = this.lineSearch(direction, leaving);
    this.move(direction, stop, leaving);
    return false;
  }

  private gradient(): Float64Array {
    const { T, n, returns } = this.program;
    const gradient = new Float64Array(n + 1);
    gradient[n] = 1;
    for (let t = 0; t < T; t++) {
      if (this.isActive[t] === 1 || !(this.excess[t] > 0)) continue;
      for (let i = 0, k = t * n; i < n; i++, k++) gradient[i] -= this.price * returns[k];
      gradient[n] -= this.price;
    }
    return gradient;
  }

  /** The constraint whose multiplier is most outside its interval: [0, price] for scenarios, one-sided for bounds and rows. */
  private chooseLeaving(): { leaving: number; sign: number } {
    const multipliers = this.basis.solveTransposed(this.gradient());
    let leaving = -1;
    let sign = 0;
    let worst = 0;
    this.active.forEach(({ kind, index }, j) => {
      const theta = -multipliers[j];
      const isEqual = kind === 'row' && this.program.rows[index].kind === 'equal';
      const mayRise = kind === 'scenario' || kind === 'lower';
      const rise = theta - (kind === 'scenario' ? this.price : 0);
      const tolerance = MULTIPLIER_TOLERANCE * this.price;
      if (!isEqual && mayRise && rise > Math.max(worst, tolerance)) [leaving, sign, worst] = [j, 1, rise];
      if (!isEqual && kind !== 'lower' && -theta > Math.max(worst, tolerance)) [leaving, sign, worst] = [j, -1, -theta];
    });
    return { leaving, sign };
  }

  /** Goes along the ray past scenario kinks while the objective falls, at most to the first bound or row. */
  private lineSearch(direction: Float64Array, leaving: number): Stop {
    const { T, n, returns, lower, upper, rows } = this.program;
    let stop: Stop = { step: Infinity, active: this.active[leaving] };
    const largest = direction.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (let index = 0; index < n; index++) {
      const d = direction[index];
      if (Math.abs(d) <= PIVOT * largest || this.holds('lower', index) || this.holds('upper', index)) continue;
      const step = Math.max(0, ((d > 0 ? upper[index] : lower[index]) - this.weights[index]) / d);
      if (step < stop.step) stop = { step, active: { kind: d > 0 ? 'upper' : 'lower', index } };
    }
    this.oppositeBound(direction, leaving, (step, active) => {
      if (step < stop.step) stop = { step, active };
    });
    rows.forEach(({ kind, coefficients, bound }, index) => {
      const slope = dot(coefficients, 0, direction, 0, n);
      if (kind === 'equal' || slope <= PIVOT * largest || this.holds('row', index)) return;
      const step = Math.max(0, bound - dot(coefficients, 0, this.weights, 0, n)) / slope;
      if (step < stop.step) stop = { step, active: { kind: 'row', index } };
    });
    let slope = this.slopeAlong(direction, leaving);
    const kinks: { step: number; bend: number; index: number }[] = [];
    for (let t = 0; t < T; t++) {
      if (this.isActive[t] === 1) continue;
      const rate = -dot(returns, t * n, direction, 0, n) - direction[n];
      const step = -this.excess[t] / rate;
      if (Math.abs(rate) > 1e-14 && step >= 0 && step < stop.step && this.excess[t] * rate <= 0) {
        kinks.push({ step, bend: this.price * Math.abs(rate), index: t });
      }
    }
    kinks.sort((a, b) => a.step - b.step);
    for (const { step, bend, index } of kinks) {
      slope += bend;
      if (slope >= 0) return { step, active: { kind: 'scenario', index } };
    }
    return stop;
  }

  /** A variable that leaves one bound is stopped by its other one. */
  private oppositeBound(
    direction: Float64Array,
    leaving: number,
    stopAt: (step: number, active: Active) => void,
  ): void {
    const { kind, index } = this.active[leaving];
    const { lower, upper } = this.program;
    if (kind !== 'lower' && kind !== 'upper') return;
    const step = (upper[index] - lower[index]) / Math.abs(direction[index]);
    stopAt(step, { kind: kind === 'lower' ? 'upper' : 'lower', index });
  }

  private holds(kind: Active['kind'], index: number): boolean {
    return this.active.some((active) => active.kind === kind && active.index === index);
  }

  /** Directional derivative, counting the leaving scenario as in the tail when its excess grows. */
  private slopeAlong(direction: Float64Array, leaving: number): number {
    const slope = dot(this.gradient(), 0, direction, 0, direction.length);
    const { kind } = this.active[leaving];
    return kind === 'scenario' && this.basis.rate(leaving, direction) > 0 ? slope + this.price : slope;
  }

  private move(direction: Float64Array, { step, active }: Stop, leaving: number): void {
    const { T, n, returns, lower, upper } = this.program;
    const left = this.active[leaving];
    for (let i = 0; i < n; i++) this.weights[i] += step * direction[i];
    this.alpha += step * direction[n];
    if (left.kind === 'scenario') this.isActive[left.index] = 0;
    if (active.kind === 'scenario') this.isActive[active.index] = 1;
    this.active[leaving] = active;
    for (const { kind, index } of this.active) {
      if (kind === 'lower') this.weights[index] = lower[index];
      else if (kind === 'upper') this.weights[index] = upper[index];
    }
    const rate = this.basis.rate(leaving, direction);
    for (let t = 0; t < T; t++) {
      const loss = this.offsets[t] - dot(returns, t * n, this.weights, 0, n);
      this.excess[t] = this.isActive[t] === 1 ? 0 : loss - this.alpha;
    }
    if (left.kind === 'scenario' && step === 0) this.excess[left.index] = Math.sign(rate) * Number.MIN_VALUE;
    this.basis.replace(leaving, this.normal(active));
  }
}
