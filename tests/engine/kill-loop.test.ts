/**
 * Kill -9 in the middle of writing, again and again: what was acknowledged is there, whole, and nothing is half there.
 * 25 kills, or 1,000 with SEXTANT_LONG=1. (Power cuts are another matter: there the settings test is the guard.)
 */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDatabase, openDatabase } from '#engine/store/database';
import { buildScript } from '../support/build-script';
import { startChild } from '../support/child';
import { draws, scratchFolder } from '../support/scratch';
import { TEST_KEY as key, writerMigrations as migrations } from '../support/store-schemas';

const CYCLES = process.env.SEXTANT_LONG === '1' ? 1000 : 25;

it(`${CYCLES} kills lose no acknowledged row and leave no half transaction`, { timeout: 3_600_000 }, async () => {
  const script = await buildScript('tests/support/store-child.ts');
  const file = join(scratchFolder(), 'workspace.db');
  createDatabase({ file, key, migrations }).close();
  const draw = draws(7);
  let acknowledged = 0;
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const child = startChild(script, ['write', file]);
    // Kills after a random acknowledgement; the child is by then somewhere in a later transaction.
    const wanted = acknowledged + 1 + draw(60);
    await child.line(new RegExp(`^${wanted}$`));
    await child.kill();
    acknowledged = Math.max(acknowledged, ...child.lines.map(Number));

    const database = openDatabase({ file, key, migrations });
    const runs = database
      .prepare<[], { run: number; rows: number }>('SELECT run, count(*) AS rows FROM written GROUP BY run ORDER BY run')
      .all();
    expect(runs.length).toBeGreaterThanOrEqual(acknowledged);
    expect(runs.every(({ run, rows }, i) => run === i + 1 && rows === 20)).toBe(true);
    if (cycle % 10 === 0) expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    acknowledged = runs.length;
    database.close();
  }
});
