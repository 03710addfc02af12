/** Which features a tree or a node may split on. */
import type { Random } from '../array/random';

/** Marks a share of the features, at least one, in `allowed`. */
export function chooseFeatures(allowed: Uint8Array, share: number, random: Random): void {
  const count = Math.max(1, Math.round(share * allowed.length));
  const order = random.shuffle(Int32Array.from(allowed.keys()));
  allowed.fill(0);
  for (const k of order.subarray(0, count)) allowed[k] = 1;
}
