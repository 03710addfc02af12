/** The WebGPU engine on Dawn with a software card passes the suite of every engine. */
import { describe, it } from 'vitest';
import { dawnDevice } from '#compute/nn/wgsl/dawn';
import { wgslEngine } from '#compute/nn/wgsl/engine';
import { softwareGpuMissing } from '../support/software-gpu';
import { describeEngine } from './engine-conformance';

const missing = softwareGpuMissing();

describe.skipIf(missing !== null)(missing === null ? 'with SwiftShader' : `skipped: ${missing}`, () => {
  it('is there', () => {});
  describeEngine({
    title: 'the wgsl engine, single precision',
    create: async () => wgslEngine(await dawnDevice({ software: true })),
    tolerance: 2e-5,
    leakSteps: 60,
  });
});
