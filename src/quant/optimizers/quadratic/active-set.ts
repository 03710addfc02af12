/**
 * Primal active-set method for convex quadratic programs (Nocedal, Wright 2006, §16.5): exact on the free variables, bounds met to
 * the last bit, cost of an iteration O(n |F|). Turnover enters as a row whose coefficients are the signs of x − reference; a
 * variable that reaches its reference value is pinned there until leaving it pays.
 */
import { AppError } from '#base/errors';
import { dot, solve } from '#quant/array/linalg';
import { createRandom } from '#quant/array/random';
import { createFreeSetFactor, type FreeSetFactor } from './free-set-factor';
import { optimalityResidual } from './optimality';
import type { QuadraticProgram, QuadraticSolution } from './program';

const PIVOT_TOLERANCE = 1e-11;
const RIDGE = 1e-10;
const MULTIPLIER_TOLERANCE = 1e-11;
const LARGEST_RESIDUAL = 1e-8;

/**
 * @param start A point that meets every constraint; entries strictly between their bounds start free.
 * @throws NOT_CONVERGED when the iteration limit is reached, SINGULAR when H is not positive semidefinite.
 */
export function solveQuadratic(program: QuadraticProgram, start: Float64Array): QuadraticSolution {
  const exact = new Search(program, start, 0).run();
  if (exact !== undefined) return exact;
  let diagonal = 0;
  for (let i = 0; i < program.n; i++) diagonal += program.H[i * program.n + i];
  const regularized = new Search(program, start, (RIDGE * diagonal) / program.n).run();
  if (regularized !== undefined) return regularized;
  throw new AppError(
    'SINGULAR',
    'Expected a positive semidefinite risk matrix, found a direction of negative variance. ' +
      'Use a shrinkage estimator or a longer look-back; the pairwise estimator may cause this.',
  );
}

/** What ends a step early: the free variable in `member`, which then rests at `value`, or else the constraint `row`. */
interface Block {
  readonly fraction: number;
  readonly member: number;
  readonly value: number;
  readonly row: number;
}

/** A step this small is rounding, and nothing is left to gain: relative to the point, or to what cancelled when the step was formed. */
const STANDSTILL = 1e-12;
const NOISE = 16 * Number.EPSILON;
/** Relative length of what a row adds to the others, below which it adds nothing. */
const DEPENDENT = 1e-9;
const STAY: Block = { fraction: 0, member: -1, value: 0, row: -1 };
const UNBLOCKED: Block = { fraction: Infinity, member: -1, value: 0, row: -1 };

class Search {
  private readonly x: Float64Array;
  /** H x + c. */
  private readonly gradient: Float64Array;
  private readonly isFree: Uint8Array;
  /** Derivative of turnover by each free variable: ±½. */
  private readonly side: Float64Array;
  private readonly factor: FreeSetFactor;
  /** Rows held with equality; `rows.length` stands for turnover. */
  private readonly active: number[] = [];
  private singular = false;
  private iterations = 0;
  /** Steps in a row that did not move the point: many of them mean that the search may be cycling in a degenerate corner. */
  private stalled = 0;
  private readonly random = createRandom(0);

  constructor(
    private readonly program: QuadraticProgram,
    start: Float64Array,
    private readonly ridge: number,
  ) {
    const { n, H } = program;
    this.x = start.slice();
    this.gradient = new Float64Array(n);
    this.isFree = new Uint8Array(n);
    this.side = new Float64Array(n);
    this.factor = createFreeSetFactor(H, n, ridge, PIVOT_TOLERANCE);
  }

  /** → undefined where H is singular on the free variables. */
  run(): QuadraticSolution | undefined {
    this.refreshGradient();
    this.freeStart();
    const limit = 100 * (this.program.n + this.program.rows.length) + 1000;
    for (; !this.singular && this.iterations < limit; this.iterations++) {
      const { p, multipliers, noise } = this.newtonStep();
      const block = this.firstBlock(p, noise);
      this.move(p, Math.min(1, block.fraction));
      this.stalled = block.fraction > 0 && block !== STAY ? 0 : this.stalled + 1;
      if (block.fraction < 1 && block !== STAY) this.stopAt(block);
      else if (!this.releaseBest(multipliers)) return this.finish(multipliers);
    }
    if (this.singular) return undefined;
    throw new AppError(
      'NOT_CONVERGED',
      `Expected an optimum within ${limit} steps, found none. Loosen the constraints.`,
      {
        data: { iterations: this.iterations },
      },
    );
  }

  private refreshGradient(): void {
    const { n, H, c } = this.program;
    this.gradient.fill(0);
    if (c !== undefined) this.gradient.set(c);
    for (let j = 0; j < n; j++) if (this.x[j] !== 0) addScaled(this.gradient, H, j * n, this.x[j], n);
    if (this.ridge > 0) for (let j = 0; j < n; j++) this.gradient[j] += this.ridge * this.x[j];
  }

  /** Frees what lies inside its bounds, and enough others that the equality rows are independent on the free variables. */
  private freeStart(): void {
    const { n, lower, upper, rows, turnover } = this.program;
    const basis: Float64Array[] = [];
    const equalities = rows.map((_, r) => r).filter((r) => rows[r].kind === 'equal');
    const addsRank = (i: number): boolean => {
      const column = Float64Array.from(equalities, (r) => rows[r].coefficients[i]);
      const length = Math.sqrt(dot(column, 0, column, 0, column.length));
      for (const unit of basis) addScaled(column, unit, 0, -dot(unit, 0, column, 0, column.length), column.length);
      const rest = Math.sqrt(dot(column, 0, column, 0, column.length));
      if (!(rest > 1e-9 * length)) return false;
      basis.push(column.map((value) => value / rest));
      return true;
    };
    for (let i = 0; i < n; i++) {
      const pinned = this.x[i] <= lower[i] || this.x[i] >= upper[i] || this.x[i] === turnover?.reference[i];
      if (pinned) continue;
      addsRank(i);
      this.free(i, 1);
    }
    for (let i = 0; i < n && basis.length < equalities.length; i++) {
      if (this.isFree[i] === 1 || lower[i] === upper[i] || !addsRank(i)) continue;
      this.free(i, this.x[i] < upper[i] ? 1 : -1);
    }
    this.active.push(...(basis.length === equalities.length ? equalities : equalities.slice(0, basis.length)));
  }

  private free(i: number, direction: number): void {
    if (!this.factor.add(i)) this.singular = true;
    this.isFree[i] = 1;
    this.side[i] = this.turnoverSlope(i, direction);
  }

  /** dT/dx_i of T = ½ Σ|x − reference| for a move in `direction`. */
  private turnoverSlope(i: number, direction: number): number {
    const { turnover } = this.program;
    if (turnover === undefined) return 0;
    const offset = this.x[i] - turnover.reference[i];
    return (offset === 0 ? direction > 0 : offset > 0) ? 0.5 : -0.5;
  }

  private coefficient(row: number, i: number): number {
    const { rows } = this.program;
    return row < rows.length ? rows[row].coefficients[i] : this.side[i];
  }

  /** Room left in a row; 0 on the boundary, negative by rounding only. */
  private slack(row: number): number {
    const { n, rows, turnover } = this.program;
    if (row < rows.length) return rows[row].bound - dot(rows[row].coefficients, 0, this.x, 0, n);
    if (turnover === undefined) return Infinity;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.abs(this.x[i] - turnover.reference[i]);
    return turnover.limit - sum / 2;
  }

  /**
   * Minimizer on the active set, p = −H_FF⁻¹(g_F + A_Fᵀν) with A_F p = remaining slack, and the size below which its entries are
   * rounding of what cancelled in them.
   */
  private newtonStep(): { p: Float64Array; multipliers: Float64Array; noise: number } {
    const f = this.factor.size;
    const members = this.factor.members;
    const p = Float64Array.from({ length: f }, (_, q) => this.gradient[members[q]]);
    this.factor.forward(p);
    const projected = this.holdIndependentRows();
    const k = this.active.length;
    const M = new Float64Array(k * k);
    const right = new Float64Array(k);
    for (let a = 0; a < k; a++) {
      right[a] = -dot(projected[a], 0, p, 0, f);
      for (let b = 0; b < k; b++) M[a * k + b] = dot(projected[a], 0, projected[b], 0, f);
    }
    const multipliers = k === 0 ? right : solve(M, k, right);
    let cancelled = 0;
    for (let q = 0; q < f; q++) cancelled = Math.max(cancelled, Math.abs(p[q]));
    for (let a = 0; a < k; a++) addScaled(p, projected[a], 0, multipliers[a], f);
    this.factor.backward(p);
    for (let q = 0; q < f; q++) p[q] = -p[q];
    return { p, multipliers, noise: (NOISE * cancelled) / this.factor.smallestPivot() };
  }

  /**
   * L⁻¹ A_Fᵀ by held row. A row that the free variables only see as a combination of earlier ones is let go: no step can
   * change it, and it blocks again as soon as a freed variable could.
   */
  private holdIndependentRows(): Float64Array[] {
    const f = this.factor.size;
    const projected: Float64Array[] = [];
    const basis: Float64Array[] = [];
    const held = this.active.splice(0);
    for (const row of held) {
      const z = Float64Array.from({ length: f }, (_, q) => this.coefficient(row, this.factor.members[q]));
      this.factor.forward(z);
      const rest = z.slice();
      for (const unit of basis) addScaled(rest, unit, 0, -dot(unit, 0, rest, 0, f), f);
      const length = Math.sqrt(dot(rest, 0, rest, 0, f));
      if (!(length > DEPENDENT * Math.sqrt(dot(z, 0, z, 0, f)))) continue;
      basis.push(rest.map((value) => value / length));
      projected.push(z);
      this.active.push(row);
    }
    return projected;
  }

  private largestEntry(): number {
    let largest = 0;
    for (let i = 0; i < this.program.n; i++) largest = Math.max(largest, Math.abs(this.x[i]));
    return largest;
  }

  private firstBlock(p: Float64Array, noise: number): Block {
    const { lower, upper, rows, turnover } = this.program;
    const members = this.factor.members;
    let first = UNBLOCKED;
    let largest = 0;
    for (let q = 0; q < p.length; q++) largest = Math.max(largest, Math.abs(p[q]));
    // With as many held rows as free variables nothing can move: what is left of p is rounding, and following it would empty the set.
    if (p.length <= this.active.length || largest <= noise + STANDSTILL * this.largestEntry()) return STAY;
    const negligible = 1e-13 * largest;
    for (let q = 0; q < p.length; q++) {
      const i = members[q];
      if (Math.abs(p[q]) <= negligible) continue;
      let stop = p[q] > 0 ? upper[i] : lower[i];
      if (turnover !== undefined && this.side[i] * p[q] < 0) {
        const reference = turnover.reference[i];
        stop = p[q] > 0 ? Math.min(stop, reference) : Math.max(stop, reference);
      }
      const fraction = Math.max(0, (stop - this.x[i]) / p[q]);
      if (fraction < first.fraction) first = { fraction, member: q, value: stop, row: -1 };
    }
    const last = turnover === undefined ? rows.length - 1 : rows.length;
    for (let row = 0; row <= last; row++) {
      if (this.active.includes(row) || (row < rows.length && rows[row].kind === 'equal')) continue;
      let slope = 0;
      for (let q = 0; q < p.length; q++) slope += this.coefficient(row, members[q]) * p[q];
      if (!(slope > 1e-12 * largest)) continue;
      const fraction = Math.max(0, this.slack(row)) / slope;
      if (fraction < first.fraction) first = { fraction, member: -1, value: 0, row };
    }
    return first;
  }

  private move(p: Float64Array, fraction: number): void {
    const { n, H } = this.program;
    if (fraction === 0) return;
    for (let q = 0; q < p.length; q++) {
      const i = this.factor.members[q];
      const change = fraction * p[q];
      if (change === 0) continue;
      this.x[i] += change;
      addScaled(this.gradient, H, i * n, change, n);
      if (this.ridge > 0) this.gradient[i] += this.ridge * change;
    }
  }

  private stopAt(block: Block): void {
    if (block.row >= 0) {
      this.active.push(block.row);
      return;
    }
    const i = this.factor.members[block.member];
    this.x[i] = block.value;
    this.isFree[i] = 0;
    this.factor.remove(block.member);
  }

  /** Frees the variable or drops the row whose multiplier has the wrong sign most; false where none has. */
  private releaseBest(multipliers: Float64Array): boolean {
    const { n, lower, upper, rows } = this.program;
    let scale = 0;
    for (let i = 0; i < n; i++) scale = Math.max(scale, Math.abs(this.gradient[i]));
    const least = -MULTIPLIER_TOLERANCE * scale;
    let worst = 0;
    let best = -1;
    let direction = 0;
    let dropped = -1;
    // Choosing by chance among what pays leaves a cycle with certainty; the fixed seed keeps the answer reproducible.
    const isWorse = (value: number): boolean => {
      const score = this.stalled > n ? value * this.random.uniform() : value;
      if (!(value < least && score < worst)) return false;
      worst = score;
      return true;
    };
    const turnoverAt = this.active.indexOf(rows.length);
    const turnoverMultiplier = turnoverAt < 0 ? 0 : multipliers[turnoverAt];
    for (let i = 0; i < n; i++) {
      if (this.isFree[i] === 1 || lower[i] === upper[i]) continue;
      let reduced = this.gradient[i];
      for (let a = 0; a < this.active.length; a++) {
        if (a !== turnoverAt) reduced += multipliers[a] * rows[this.active[a]].coefficients[i];
      }
      const up = reduced + turnoverMultiplier * this.turnoverSlope(i, 1);
      const down = -reduced - turnoverMultiplier * this.turnoverSlope(i, -1);
      if (this.x[i] < upper[i] && isWorse(up)) [best, direction] = [i, 1];
      if (this.x[i] > lower[i] && isWorse(down)) [best, direction] = [i, -1];
    }
    this.active.forEach((row, a) => {
      if (row < rows.length && rows[row].kind === 'equal') return;
      const multiplier = multipliers[a] / Math.max(1, Math.sqrt(n));
      if (isWorse(multiplier)) dropped = a;
    });
    if (dropped >= 0) this.active.splice(dropped, 1);
    else if (best >= 0) this.free(best, direction);
    return dropped >= 0 || best >= 0;
  }

  private finish(multipliers: Float64Array): QuadraticSolution {
    const { rows } = this.program;
    const rowMultipliers = new Float64Array(rows.length + 1);
    this.active.forEach((row, a) => (rowMultipliers[row] = multipliers[a]));
    const residual = optimalityResidual(this.program, this.x, rowMultipliers, this.ridge);
    if (!(residual <= LARGEST_RESIDUAL)) {
      throw new AppError(
        'NOT_CONVERGED',
        `Expected optimality conditions within ${LARGEST_RESIDUAL}, found ${residual.toExponential(1)}. ` +
          'The risk matrix is ill-conditioned: use a shrinkage estimator.',
        { data: { residual, iterations: this.iterations } },
      );
    }
    const active = this.active.map((row) => (row < rows.length ? rows[row].name : 'turnover'));
    return { x: this.x, iterations: this.iterations, residual, ridge: this.ridge, active };
  }
}

/** target ← target + factor · source[offset, offset + n). */
function addScaled(target: Float64Array, source: Float64Array, offset: number, factor: number, n: number): void {
  for (let i = 0; i < n; i++) target[i] += factor * source[offset + i];
}
