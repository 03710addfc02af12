/** What engines are compared by. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';

/** Bytes in array buffers after a collection. */
export function collectedBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().arrayBuffers;
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
