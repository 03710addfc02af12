/** Seeded draws for traces: a small generator of its own, as the engine may not see the science's. */
export interface TraceRandom {
  /** On [0, 1). */
  uniform(): number;
  /** 0 … n − 1. */
  integer(n: number): number;
}

/** Mulberry32. */
export function createRandom(seed: number): TraceRandom {
  let state = (seed * 0x9e3779b9) | 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { uniform, integer: (n) => Math.floor(uniform() * n) };
}
