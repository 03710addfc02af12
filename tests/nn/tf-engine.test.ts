/** The tf engine over TensorFlow's own core on the plain processor backend: the suite of all engines, and no tensor left behind. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, expect, test } from 'vitest';
import { loadEngine } from '#compute/nn/engines';
import { tfEngine } from '#compute/nn/tf/tf-engine';
import { check, readCases, suite } from '../golden/cases';
import { describeEngine } from './engine-conformance';

const create = async () => {
  await tf.setBackend('cpu');
  return tfEngine(tf, 'TensorFlow.js (cpu)');
};

describeEngine({ title: 'the tf engine', create, tolerance: 2e-5, leakSteps: 100 });

test.skipIf(!existsSync(join(suite, 'cases')))(
  'the tf engine answers the network cases of the reference suite',
  async () => {
    const engine = await create();
    const failures: string[] = [];
    for (const oracle of [...readCases()].flatMap(([kind, list]) => (kind.startsWith('nn.') ? list : []))) {
      const found = await check(oracle, engine);
      if (found.length > 0) failures.push(`${oracle.id}\n    ${found.slice(0, 5).join('\n    ')}`);
    }
    expect(failures.join('\n')).toBe('');
  },
);

afterAll(() => expect(tf.memory().numTensors).toBe(0));

test('without its optional package says how to get it', async () => {
  await expect(loadEngine('tf')).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE', message: /gpu:cuda/ });
});
