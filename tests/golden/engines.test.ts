/** Every training engine that runs on a processor answers the network cases of the reference suite. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadEngine } from '#compute/nn/engines';
import { check, readCases, suite } from './cases';

describe.skipIf(!existsSync(join(suite, 'cases')))('the network cases', () => {
  test.each(['reference', 'wasm'] as const)('are answered by the engine %s', async (id) => {
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
