/** Convex quadratic programs solved exactly and proved: every answer is checked against the optimality conditions from scratch. */
import { AppError } from '#base/errors';
import { searchActiveSet, type ActiveSetResult } from './active-set';
import { optimalityResidual } from './optimality';
import type { QuadraticProgram, QuadraticSolution } from './program';

const LARGEST_RESIDUAL = 1e-8;
/** Relative to the mean diagonal of H. */
const RIDGE = 1e-5;
const PROXIMAL_RESIDUAL = 1e-10;
const MOST_PROXIMAL_STEPS = 200;

/**
 * @param start A point that meets every constraint; entries strictly between their bounds start free.
 * @throws NOT_CONVERGED when the iteration limit is reached, SINGULAR when H is not positive semidefinite.
 */
export function solveQuadratic(program: QuadraticProgram, start: Float64Array): QuadraticSolution {
  const direct = searchActiveSet(program, start, 0);
  const solution = typeof direct === 'string' ? solveSingular(program, start) : { ...direct, proximalSteps: 0 };
  const residual = optimalityResidual(program, solution.x, solution.multipliers);
  if (residual <= LARGEST_RESIDUAL) return { ...solution, residual };
  throw new AppError(
    'NOT_CONVERGED',
    `Expected optimality conditions within ${LARGEST_RESIDUAL}, found ${residual.toExponential(1)}. ` +
      'The risk matrix is ill-conditioned: use a shrinkage estimator.',
    { data: { residual, iterations: solution.iterations } },
  );
}

/**
 * Where H is singular there are many optima. Proximal point steps (Rockafellar 1976), each with a ridge around the one before,
 * end in one of them exactly; the first ridge is around zero, so the answer is close to the one of least norm.
 */
function solveSingular(program: QuadraticProgram, start: Float64Array): ActiveSetResult & { proximalSteps: number } {
  const { n, H } = program;
  let diagonal = 0;
  for (let i = 0; i < n; i++) diagonal += H[i * n + i];
  const ridge = (RIDGE * diagonal) / n;
  let center: Float64Array = new Float64Array(n);
  let point = start;
  let iterations = 0;
  for (let proximalSteps = 1; ; proximalSteps++) {
    const c = Float64Array.from(center, (value, i) => (program.c === undefined ? 0 : program.c[i]) - ridge * value);
    const result = searchActiveSet({ ...program, c }, point, ridge);
    if (result === 'singular') throw notConvex();
    if (result === 'circling') throw circling(iterations);
    iterations += result.iterations;
    point = result.x;
    const residual = optimalityResidual(program, point, result.multipliers);
    if (residual <= PROXIMAL_RESIDUAL || proximalSteps === MOST_PROXIMAL_STEPS) {
      return { ...result, iterations, proximalSteps };
    }
    center = point;
  }
}

function circling(iterations: number): AppError {
  return new AppError(
    'NOT_CONVERGED',
    'Expected an optimum, found a corner where too many constraints meet. Loosen one.',
    {
      data: { iterations },
    },
  );
}

function notConvex(): AppError {
  return new AppError(
    'SINGULAR',
    'Expected a positive semidefinite risk matrix, found a direction of negative variance. ' +
      'Use a shrinkage estimator or a longer look-back; the pairwise estimator may cause this.',
  );
}
