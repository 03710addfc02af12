/** What engines are compared by. */
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';

/**
 * Bytes in array buffers once collections free nothing more. One collection is not enough: V8 hands the memory of array
 * buffers back from another thread, so a busy machine still counts megabytes that nobody holds.
 */
export async function collectedBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  let least = Infinity;
  for (let unchanged = 0; unchanged < 5; unchanged++) {
    collect();
    await setTimeout(5);
    const { arrayBuffers } = process.memoryUsage();
    if (arrayBuffers < least) unchanged = 0;
    least = Math.min(least, arrayBuffers);
  }
  return least;
}

/** Largest gap as a share of the largest expected value. */
export function relativeGap(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  let gap = 0;
  let size = 1e-12;
  for (let k = 0; k < expected.length; k++) {
    gap = Math.max(gap, Math.abs(found[k] - expected[k]));
    if (!Number.isFinite(found[k])) gap = Infinity;
    size = Math.max(size, Math.abs(expected[k]));
  }
  return gap / size;
}
