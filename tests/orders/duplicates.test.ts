/** Whoever sends the same order twenty times at once, in a host that is killed meanwhile, has sent one. */
import { expect, test } from 'vitest';
import { buildScript } from '../support/build-script';
import { startChild } from '../support/child';
import { scratchFolder } from '../support/scratch';

const ROUNDS = process.env.SEXTANT_LONG === '1' ? 1_000 : 25;
const SCRIPT = 'tests/orders/duplicates-child.ts';

const portfolio = (round: number) => `01JDA3N6X7Q8R9S0T1V2W3${String(round).padStart(4, '0')}`;

async function outcome(script: string, folder: string, round: number, safety: 'safe' | 'unsafe'): Promise<string> {
  const child = startChild(script, [folder, portfolio(round), 'stay', safety]);
  const line = await child.line(/^outcome/);
  await child.closed;
  return line;
}

test(`${ROUNDS} rounds of 20 duplicates with a kill in between: one order each`, { timeout: 7_200_000 }, async () => {
  const script = await buildScript(SCRIPT);
  const folder = scratchFolder();
  for (let round = 0; round < ROUNDS; round++) {
    const dying = startChild(script, [folder, portfolio(round), 'die', 'safe']);
    await dying.line(/^began/);
    // Anywhere from before the proposal to after the release.
    await new Promise((resolve) => setTimeout(resolve, (round * 3) % 25));
    await dying.kill();
    expect(await outcome(script, folder, round, 'safe'), `round ${round}`).toBe('outcome AAA:1 BBB:1 OLD:1');
  }
});

test('sabotage: with the rules off the same twenty are twenty orders', { timeout: 60_000 }, async () => {
  const script = await buildScript(SCRIPT);
  expect(await outcome(script, scratchFolder(), 0, 'unsafe')).toBe('outcome AAA:20 BBB:20 OLD:20');
});
