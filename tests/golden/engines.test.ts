/** Every training engine answers the network cases of the reference suite; WebGPU on a software card, where there is one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadEngine } from '#compute/nn/engines';
import { softwareGpuMissing } from '../support/software-gpu';
import { check, readCases, suite } from './cases';

const missing = softwareGpuMissing();
if (missing !== null) console.warn(`reference cases by wgsl: skipped because there is ${missing}`);
process.env.WEBGPU_SOFTWARE = '1';
const engines = ['reference', 'wasm', ...(missing === null ? (['wgsl'] as const) : [])] as const;

describe.skipIf(!existsSync(join(suite, 'cases')))('the network cases', () => {
  test.each(engines)('are answered by the engine %s', { timeout: 120_000 }, async (id) => {
    const cases = [...readCases()].flatMap(([kind, list]) => (kind.startsWith('nn.') ? list : []));
    expect(cases.length).toBeGreaterThan(5);
    const engine = await loadEngine(id);
    const failures: string[] = [];
    for (const oracle of cases) {
      const found = await check(oracle, engine);
      if (found.length > 0) failures.push(`${oracle.id}\n    ${found.slice(0, 5).join('\n    ')}`);
    }
    await engine.dispose();
    expect(failures.join('\n')).toBe('');
  });
});
