/**
 * Primal active-set method for convex quadratic programs (Nocedal, Wright 2006, §16.5): exact on the free variables, bounds met to
 * the last bit, cost of an iteration O(n |F|). Turnover enters as a row whose coefficients are the signs of x − reference; a
 * variable that reaches its reference value is pinned there until leaving it pays.
 */
import { dot } from '#quant/array/linalg';
import { createRandom } from '#quant/array/random';
import { createFreeSetFactor, type FreeSetFactor } from './free-set-factor';
import { orthogonalize, solveGram, type HeldRows } from './held-rows';
import { gradientScale } from './optimality';
import type { QuadraticProgram } from './program';

const PIVOT_TOLERANCE = 1e-11;
const MULTIPLIER_TOLERANCE = 1e-11;

export type NoAnswer = 'singular' | 'circling';

export interface ActiveSetResult {
  readonly x: Float64Array;
  readonly iterations: number;
  /** One per row, then one for turnover. */
  readonly multipliers: Float64Array;
  readonly active: readonly string[];
}

/**
 * One search from a feasible start; entries strictly between their bounds start free. `ridge` is added to the diagonal of H.
 * → why there is no answer: H is singular on the free variables, or the search circles in a degenerate corner.
 */
export function searchActiveSet(
  program: QuadraticProgram,
  start: Float64Array,
  ridge: number,
): ActiveSetResult | NoAnswer {
  return new Search(program, start, ridge).run();
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
const NOISE = 32 * Number.EPSILON;
/** A held row is met when it is off by no more than this. */
const SETTLED = 1e-13;
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
  /** Rows that the free variables cannot change beside the held ones; valid until either set changes. */
  private readonly dependent = new Set<number>();
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

  run(): ActiveSetResult | NoAnswer {
    this.refreshGradient();
    this.freeStart();
    const limit = 100 * (this.program.n + this.program.rows.length) + 1000;
    for (; !this.singular && this.iterations < limit; this.iterations++) {
      const { p, multipliers, isRounding } = this.newtonStep();
      const block = isRounding ? STAY : this.firstBlock(p);
      const moved = this.move(p, Math.min(1, block.fraction));
      this.stalled = moved > STANDSTILL * largestOf(this.x) ? 0 : this.stalled + 1;
      if (block.fraction < 1 && block !== STAY) this.stopAt(block);
      else if (!this.releaseBest(multipliers)) return this.finish(multipliers);
    }
    return this.singular ? 'singular' : 'circling';
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
   * Minimizer on the active set, p = −H_FF⁻¹(g_F + A_Fᵀν) with A_F p = remaining slack. Where what is left of L⁻¹(g_F + A_Fᵀν) is
   * the rounding of what cancelled in it, the point already is the minimizer.
   */
  private newtonStep(): { p: Float64Array; multipliers: Float64Array; isRounding: boolean } {
    const f = this.factor.size;
    const members = this.factor.members;
    const held = this.holdIndependentRows();
    const k = this.active.length;
    const slack = Float64Array.from(this.active, (row) => this.slack(row));
    const multipliers = new Float64Array(k);
    const p = new Float64Array(f);
    let cancelled = 0;
    // The second pass starts from the multipliers of the first: what cancels is gone, and A_F p keeps its digits.
    for (let pass = 0; pass < 2; pass++) {
      for (let q = 0; q < f; q++) {
        p[q] = this.gradient[members[q]];
        for (let a = 0; a < k; a++) p[q] += multipliers[a] * this.coefficient(this.active[a], members[q]);
      }
      this.factor.forward(p);
      if (pass === 0) cancelled = largestOf(p);
      if (k === 0) break;
      const change = solveGram(
        held,
        slack.map((room, a) => -room - dot(held.vectors[a], 0, p, 0, f)),
      );
      for (let a = 0; a < k; a++) {
        multipliers[a] += change[a];
        if (pass === 1) addScaled(p, held.vectors[a], 0, change[a], f);
      }
    }
    const isRounding = largestOf(p) <= NOISE * cancelled && largestOf(slack) <= SETTLED;
    this.factor.backward(p);
    for (let q = 0; q < f; q++) p[q] = -p[q];
    return { p, multipliers, isRounding };
  }

  /**
   * L⁻¹ A_Fᵀ by held row. A row that the free variables only see as a combination of earlier ones is let go: no step can
   * change it, and it blocks again once another variable is free.
   */
  private holdIndependentRows(): HeldRows {
    const f = this.factor.size;
    const candidates = this.active.map((row) => {
      const z = Float64Array.from({ length: f }, (_, q) => this.coefficient(row, this.factor.members[q]));
      this.factor.forward(z);
      return z;
    });
    const held = orthogonalize(candidates);
    if (held.kept.length === candidates.length) return held;
    const rows = this.active.splice(0);
    rows.forEach((row, a) => {
      if (held.kept.includes(a)) this.active.push(row);
      else this.dependent.add(row);
    });
    return held;
  }

  private firstBlock(p: Float64Array): Block {
    const { lower, upper, rows, turnover } = this.program;
    const members = this.factor.members;
    let first = UNBLOCKED;
    const largest = largestOf(p);
    // With as many held rows as free variables nothing can move: what is left of p is rounding, and following it would empty the set.
    if (p.length <= this.active.length || largest <= STANDSTILL * largestOf(this.x)) return STAY;
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
      if (this.active.includes(row) || this.dependent.has(row)) continue;
      if (row < rows.length && rows[row].kind === 'equal') continue;
      let slope = 0;
      for (let q = 0; q < p.length; q++) slope += this.coefficient(row, members[q]) * p[q];
      if (!(slope > 1e-12 * largest)) continue;
      const fraction = Math.max(0, this.slack(row)) / slope;
      if (fraction < first.fraction) first = { fraction, member: -1, value: 0, row };
    }
    return first;
  }

  /** → the largest change of an entry. */
  private move(p: Float64Array, fraction: number): number {
    const { n, H } = this.program;
    if (fraction === 0) return 0;
    let largest = 0;
    for (let q = 0; q < p.length; q++) {
      const i = this.factor.members[q];
      const change = fraction * p[q];
      if (change === 0) continue;
      this.x[i] += change;
      addScaled(this.gradient, H, i * n, change, n);
      if (this.ridge > 0) this.gradient[i] += this.ridge * change;
      largest = Math.max(largest, Math.abs(change));
    }
    return largest;
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
    this.dependent.clear();
  }

  /** Frees the variable or drops the row whose multiplier has the wrong sign most; false where none has. */
  private releaseBest(multipliers: Float64Array): boolean {
    const { n, lower, upper, rows } = this.program;
    const least = -MULTIPLIER_TOLERANCE * gradientScale(this.program, this.x);
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
    if (dropped >= 0 || best >= 0) this.dependent.clear();
    if (dropped >= 0) this.active.splice(dropped, 1);
    else if (best >= 0) this.free(best, direction);
    return dropped >= 0 || best >= 0;
  }

  private finish(multipliers: Float64Array): ActiveSetResult {
    const { rows } = this.program;
    const all = new Float64Array(rows.length + 1);
    this.active.forEach((row, a) => (all[row] = multipliers[a]));
    const active = this.active.map((row) => (row < rows.length ? rows[row].name : 'turnover'));
    return { x: this.x, iterations: this.iterations, multipliers: all, active };
  }
}

function largestOf(values: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}

/** target ← target + factor · source[offset, offset + n). */
function addScaled(target: Float64Array, source: Float64Array, offset: number, factor: number, n: number): void {
  for (let i = 0; i < n; i++) target[i] += factor * source[offset + i];
}
