/** Fractions as people read them in messages about constraints. */

/** 0.025 → "2.5 %". */
export function percent(fraction: number): string {
  return `${Number((fraction * 100).toFixed(4))} %`;
}

/** The next multiple of 0.0001 %, so that a suggested bound really suffices. */
export function roundUp(fraction: number): number {
  return Number((Math.ceil(fraction * 1e6 - 1e-6) / 1e6).toFixed(6));
}
