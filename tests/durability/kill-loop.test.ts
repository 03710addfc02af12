/**
 * Kill -9 of a host under load, again and again: everything that it had promised is there at the next start, whole, and
 * nothing is half there. 100 kills, or 1,000 with SEXTANT_LONG=1; no failure in n kills bounds the rate by 3/n (95 %).
 * The system still writes what a killed process had handed over, so power cuts are the matter of another machine.
 */
import { expect, it } from 'vitest';
import type { Database } from '#engine/store/database';
import { buildScript } from '../support/build-script';
import { startChild } from '../support/child';
import { draws, scratchFolder } from '../support/scratch';
import { inspect } from './operation';

const KILLS = process.env.SEXTANT_LONG === '1' ? 1000 : 100;

/** What a promise asks the database, and the answer that keeps it. */
const QUESTIONS: Readonly<Record<string, { readonly sql: string; readonly kept: number }>> = {
  queued: { sql: 'SELECT count(*) FROM jobs WHERE id = ?', kept: 1 },
  succeeded: {
    sql: `SELECT count(*) FROM jobs JOIN uploads USING (id) WHERE jobs.id = ? AND status = 'succeeded'`,
    kept: 1,
  },
  artifact: { sql: 'SELECT count(*) FROM uploads WHERE hash = ?', kept: 1 },
  setting: { sql: `SELECT count(*) FROM settings WHERE substr(name, 3) = ?`, kept: 2 },
};

const HALVES = `SELECT count(*) FROM settings AS s WHERE name LIKE 'a-%'
  AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'b-' || substr(s.name, 3))`;

function broken(database: Database, promised: readonly string[]): string[] {
  const lost = promised.filter((fact) => {
    const [kind, what] = fact.split(' ');
    const { sql, kept } = QUESTIONS[kind];
    return database.prepare(sql).pluck().get(what) !== kept;
  });
  const halves = database.prepare(HALVES).pluck().get();
  return [...lost.map((fact) => `lost: ${fact}`), ...(halves === 0 ? [] : [`${String(halves)} half transactions`])];
}

it(`${KILLS} kills of a host under load break no promise`, { timeout: 7_200_000 }, async () => {
  const script = await buildScript('tests/durability/host-under-load.ts');
  const root = scratchFolder();
  const draw = draws(7);
  let promises = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = startChild(script, [root]);
    await child.line(/^ready$/);
    await child.count(1 + draw(60));
    await child.kill();
    const promised = child.lines.filter((line) => line !== 'ready');
    promises += promised.length;
    expect(await inspect(root, ({ database }) => broken(database, promised))).toEqual([]);
  }
  expect(promises).toBeGreaterThan(KILLS);
});
