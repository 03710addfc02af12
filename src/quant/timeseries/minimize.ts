/** Minimum of a smooth function of a few variables: BFGS with backtracking (Nocedal, Wright 2006, Algorithm 6.1). */

export interface SmoothValue {
  readonly value: number;
  readonly gradient: readonly number[];
}

const MAX_STEPS = 500;

/** Ends where no step decreases the function any more; returns the best point seen. */
export function minimizeSmooth(f: (x: readonly number[]) => SmoothValue, start: readonly number[]): number[] {
  const n = start.length;
  let x = [...start];
  let here = f(x);
  let H = identity(n);
  for (let step = 0; step < MAX_STEPS; step++) {
    let direction = times(H, here.gradient).map((value) => -value);
    let slope = inner(direction, here.gradient);
    if (!(slope < 0)) {
      H = identity(n);
      direction = here.gradient.map((value) => -value);
      slope = inner(direction, here.gradient);
    }
    const next = backtrack(f, x, here, direction, slope);
    if (next === undefined) return x;
    const s = next.x.map((value, i) => value - x[i]);
    const y = next.at.gradient.map((value, i) => value - here.gradient[i]);
    const gain = here.value - next.at.value;
    x = next.x;
    here = next.at;
    H = updated(H, s, y);
    if (gain <= 1e-15 * (1 + Math.abs(here.value)) && Math.max(...here.gradient.map(Math.abs)) < 1e-7) return x;
  }
  return x;
}

function backtrack(
  f: (x: readonly number[]) => SmoothValue,
  x: readonly number[],
  here: SmoothValue,
  direction: readonly number[],
  slope: number,
): { x: number[]; at: SmoothValue } | undefined {
  const longest = Math.max(...direction.map(Math.abs));
  for (let size = Math.min(1, 4 / longest); size > 1e-12; size /= 2) {
    const point = x.map((value, i) => value + size * direction[i]);
    const at = f(point);
    if (at.value < here.value + 1e-4 * size * slope) return { x: point, at };
  }
  return undefined;
}

/** The BFGS update of an inverse Hessian; unchanged where the step saw no positive curvature. */
function updated(H: readonly number[][], s: readonly number[], y: readonly number[]): number[][] {
  const curvature = inner(s, y);
  if (!(curvature > 1e-12 * Math.sqrt(inner(s, s) * inner(y, y)))) return H.map((row) => [...row]);
  const Hy = times(H, y);
  const factor = (1 + inner(y, Hy) / curvature) / curvature;
  return H.map((row, i) =>
    row.map((value, j) => value + factor * s[i] * s[j] - (Hy[i] * s[j] + s[i] * Hy[j]) / curvature),
  );
}

function identity(n: number): number[][] {
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_cell, j) => (i === j ? 1 : 0)));
}

function times(H: readonly (readonly number[])[], x: readonly number[]): number[] {
  return H.map((row) => inner(row, x));
}

function inner(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
