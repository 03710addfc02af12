import { describe, expect, it } from 'vitest';
import { deviceLadderSchema } from '#contract/devices';
import { run } from '../jobs/probe-devices';
import type { JobContext } from '../job';
import { putBack } from '../nn/tf/load-tensorflow';
import { probe as probeTensorFlow } from './tfjs-node-gpu';
import { probe as probeWebGpu } from './webgpu';

const context: JobContext = {
  emit() {},
  log() {},
  signal: new AbortController().signal,
  heartbeat() {},
  breathe: async () => {},
  whilePending: (pending) => pending,
  holdsVram() {},
  answerUntilCancelled: async () => {},
  checkpoint() {},
  resumeFrom: undefined,
};

describe('the ladder of this machine', () => {
  it('has every rung, best first, each measured or with the reason why not', { timeout: 60_000 }, async () => {
    const { rungs } = deviceLadderSchema.parse(await run({}, context));
    expect(rungs.map(({ rung }) => rung)).toEqual(['webgpu', 'tfjs-node-gpu', 'wasm', 'onnxruntime-node']);
    for (const { status, reason, probe } of rungs) {
      expect(reason === null).toBe(status === 'works');
      expect(probe !== null).toBe(status === 'works');
      if (reason !== null) expect(reason.length).toBeGreaterThan(40);
    }
    const wasm = rungs[2];
    expect(wasm.status).toBe('works');
    expect(wasm.limits['threads']).toBeGreaterThan(0);
    expect(wasm.probe?.matmulGflops).toBeGreaterThan(0.5);
    expect(wasm.probe?.lstmStepMs).toBeGreaterThan(1);
    expect(wasm.probe?.copyGBs).toBeGreaterThan(0.05);
  });

  it(
    'a software adapter is never taken for a card; where there is one its kernels run',
    { timeout: 60_000 },
    async () => {
      const plain = await probeWebGpu();
      if (plain.adapter?.isSoftware !== true)
        return expect(plain.adapter === null || plain.status === 'works').toBe(true);
      expect(plain).toMatchObject({ status: 'unavailable', probe: null });
      expect(plain.reason).toContain('software adapter');
      const asked = await probeWebGpu(true);
      expect(asked.probe?.matmulGflops).toBeGreaterThan(0);
      expect(asked.probe?.copyGBs).toBeGreaterThan(0);
    },
  );
});

describe('TensorFlow on the card', () => {
  /** The part of the package that a probe calls; there is no card here for the real one. */
  const standIn = (usesGpu: boolean, made: { alive: number }) => {
    const tensor = () => {
      made.alive += 1;
      return { data: async () => new Float32Array(1), dispose: () => void (made.alive -= 1) };
    };
    return {
      ready: async () => {},
      getBackend: () => 'tensorflow',
      backend: () => ({ isUsingGpuDevice: usesGpu }),
      randomNormal: tensor,
      matMul: tensor,
      add: tensor,
    };
  };

  it('is measured where it works, and leaves no tensor behind', async () => {
    const made = { alive: 0 };
    const state = await probeTensorFlow(() => standIn(true, made));
    expect(state).toMatchObject({ rung: 'tfjs-node-gpu', status: 'works', reason: null });
    expect(state.probe?.matmulGflops).toBeGreaterThan(0);
    expect(made.alive).toBe(0);
  });

  it.each([
    [
      'not installed',
      () => {
        throw Object.assign(new Error("Cannot find module '@tensorflow/tfjs-node-gpu'"), { code: 'MODULE_NOT_FOUND' });
      },
      /not installed\. `npm run gpu:cuda`/,
    ],
    [
      'installed without its libraries',
      () => {
        throw new Error('libcudart.so.11.0: cannot open shared object file\nmore');
      },
      /does not load: libcudart\.so\.11\.0: cannot open shared object file\. It needs CUDA 11\.2/,
    ],
    ['blind to the card', () => standIn(false, { alive: 0 }), /sees no card/],
  ])('%s: says so and what to do', async (_, load, why) => {
    const state = await probeTensorFlow(load);
    expect(state).toMatchObject({ status: 'unavailable', probe: null });
    expect(state.reason).toMatch(why);
  });

  it('finds the functions that Node 23 removed', () => {
    const util: { isNullOrUndefined?(value: unknown): boolean; isArray?(value: unknown): boolean } = {};
    putBack(util);
    expect([null, undefined, 0].map((value) => util.isNullOrUndefined?.(value))).toEqual([true, true, false]);
    expect(util.isArray?.([])).toBe(true);
    const own = { isArray: () => true };
    putBack(own);
    expect(own.isArray()).toBe(true);
  });
});
