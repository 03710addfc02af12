/** The memory plan that a user is shown, held to what the system gave: each case in a fresh process. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { buildScript } from '../support/build-script';
import type { MeasuredPeak, MemoryCase } from './memory-case';

const run = promisify(execFile);
/** Only Linux forgets a peak on demand, and so can say what one session took. */
const measures = process.platform === 'linux';

async function peakOf(name: MemoryCase, unplanned = 0): Promise<MeasuredPeak> {
  const script = await buildScript('tests/nn/memory-child.ts');
  const { stdout } = await run(process.execPath, ['--expose-gc', script, name, String(unplanned)]);
  return JSON.parse(stdout) as MeasuredPeak; // what the child prints
}

function expectPlanned({ planned, grown }: MeasuredPeak): void {
  expect(grown / planned).toBeGreaterThan(0.85);
  expect(grown / planned).toBeLessThan(1.15);
}

test.skipIf(!measures).each(['lstm-two-threads', 'gat'] as const)(
  'the peak of %s is within 15 % of its plan',
  { timeout: 60_000 },
  async (name) => {
    expectPlanned(await peakOf(name));
  },
);

test.skipIf(!measures)('a buffer that the plan forgets is noticed', { timeout: 60_000 }, async () => {
  const peak = await peakOf('gat', 0.3);
  expect(() => expectPlanned(peak)).toThrow(/1\.15/);
});

test.skipIf(!measures)(
  'keeping every 8th state is planned right and lowers the peak',
  { timeout: 60_000 },
  async () => {
    const all = await peakOf('lstm');
    const some = await peakOf('lstm-every-8th');
    expectPlanned(all);
    expectPlanned(some);
    const saved = all.planned - some.planned;
    expect(all.grown - some.grown).toBeGreaterThan(0.5 * saved);
  },
);
