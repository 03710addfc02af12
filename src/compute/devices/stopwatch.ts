/** Times for probes: short, and not fooled by a first call that compiles. */

const ROUNDS = 4;
/** A device this slow is measured once. */
const PATIENCE_MS = 1500;

/** Milliseconds of the fastest of a few calls after one that warms up. */
export async function fastest(run: () => Promise<unknown> | void): Promise<number> {
  let best = Infinity;
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now();
    await run();
    const took = performance.now() - start;
    if (round > 0 || took > PATIENCE_MS) best = Math.min(best, took);
    if (took > PATIENCE_MS) break;
  }
  return best;
}

/** Operations per millisecond as billions per second. */
export function gigaPerSecond(operations: number, milliseconds: number): number {
  return operations / milliseconds / 1e6;
}
