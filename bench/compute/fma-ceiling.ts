/** This core's limit for 128-bit fused multiply-adds in WebAssembly, in GFLOP/s, measured in about 30 ms. */
import { bytes } from './fma-ceiling.as.ts?compiled=relaxed';

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
new Float32Array(memory.buffer).fill(1e-3);
const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory, abort: () => undefined } });
const { chains } = instance.exports as unknown as { chains(rounds: number, factors: number): number };
const ROUNDS = 500_000;
const FLOPS_PER_ROUND = 10 * 4 * 2;

export function measureCeiling(): number {
  let best = Infinity;
  for (let k = 0; k < 5; k++) {
    const start = performance.now();
    chains(ROUNDS, 4096);
    best = Math.min(best, performance.now() - start);
  }
  return (ROUNDS * FLOPS_PER_ROUND) / best / 1e6;
}
