/** Roots of monotone functions of one variable, to the last bit that double precision allows. */

/**
 * x in [low, high] with f(x) = 0 for a non-increasing f, f(low) ≥ 0 ≥ f(high): bracketing by regula falsi with the Illinois
 * modification, and bisection where that stalls. Exact on the last linear piece of a piecewise-linear function.
 */
export function decreasingRoot(f: (x: number) => number, low: number, high: number): number {
  let a = low;
  let b = high;
  let fa = f(a);
  let fb = f(b);
  if (fa <= 0) return a;
  if (fb >= 0) return b;
  for (let iteration = 0; iteration < 200; iteration++) {
    const middle = a + (b - a) / 2;
    if (middle === a || middle === b) break;
    let x = iteration % 3 === 2 ? middle : (a * fb - b * fa) / (fb - fa);
    if (!(x > a && x < b)) x = middle;
    const value = f(x);
    if (value === 0) return x;
    if (value > 0) {
      a = x;
      fa = value;
      fb /= 2;
    } else {
      b = x;
      fb = value;
      fa /= 2;
    }
  }
  return Math.abs(f(a)) <= Math.abs(f(b)) ? a : b;
}
