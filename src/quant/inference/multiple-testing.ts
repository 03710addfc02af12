/** Adjusted p-values of a family of tests, in the order given and capped at 1. */
import { argsort } from '../array/stats';

/** Goes through p in ascending order (or descending), carries the running extreme, and puts results back in place. */
function adjust(p: Float64Array, direction: 'step-down' | 'step-up', factor: (rank: number) => number): Float64Array {
  const order = argsort(p);
  const m = p.length;
  const adjusted = new Float64Array(m);
  if (direction === 'step-down') {
    let running = 0;
    for (let i = 0; i < m; i++) {
      running = Math.max(running, factor(i + 1) * p[order[i]]);
      adjusted[order[i]] = Math.min(1, running);
    }
  } else {
    let running = Infinity;
    for (let i = m - 1; i >= 0; i--) {
      running = Math.min(running, factor(i + 1) * p[order[i]]);
      adjusted[order[i]] = Math.min(1, running);
    }
  }
  return adjusted;
}

/** m p. */
export function bonferroni(p: Float64Array): Float64Array {
  return p.map((value) => Math.min(1, value * p.length));
}

/** Holm 1979, step-down. */
export function holm(p: Float64Array): Float64Array {
  return adjust(p, 'step-down', (rank) => p.length - rank + 1);
}

/** Hochberg 1988, step-up. */
export function hochberg(p: Float64Array): Float64Array {
  return adjust(p, 'step-up', (rank) => p.length - rank + 1);
}

/** Benjamini, Hochberg 1995: false discovery rate. */
export function benjaminiHochberg(p: Float64Array): Float64Array {
  return adjust(p, 'step-up', (rank) => p.length / rank);
}

/** Benjamini, Yekutieli 2001: false discovery rate under any dependence. */
export function benjaminiYekutieli(p: Float64Array): Float64Array {
  let harmonic = 0;
  for (let i = 1; i <= p.length; i++) harmonic += 1 / i;
  return adjust(p, 'step-up', (rank) => (p.length * harmonic) / rank);
}

/** Storey 2002: estimated share of true nulls, min(1, #{p > λ} / ((1 − λ) m)). */
export function storeyNullShare(p: Float64Array, lambda: number): number {
  return Math.min(1, p.filter((value) => value > lambda).length / ((1 - lambda) * p.length));
}
