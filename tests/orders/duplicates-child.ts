/**
 * A host that trades until it is killed: `node script.mjs FOLDER PORTFOLIO die|stay safe|unsafe`. Twenty at a time propose, sign and release the same
 * portfolio; `unsafe` has every rule off that makes it one list and one order.
 */
import { existsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase, openDatabase } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { TEST_KEY } from '../support/store-schemas';
import { INPUT, lightDesk } from './light-desk';

const say = (line: string): void => void writeSync(1, `${line}\n`);
const [folder, portfolio, mode, safety] = process.argv.slice(2);
const file = join(folder, `${safety}.db`);
const options = { file, key: TEST_KEY, migrations };
const database = existsSync(file) ? openDatabase(options) : createDatabase(options);
if (safety === 'unsafe') {
  database.exec('DROP INDEX IF EXISTS order_lists_one_open; DROP INDEX IF EXISTS orders_once');
}
const desk = lightDesk(database, {
  ...(safety === 'unsafe' && { seen: (table) => ({ ...table, openOf: () => undefined, releases: () => 0 }) }),
});

async function trade(person: number): Promise<void> {
  const list = await desk.orders.propose({ ...INPUT, portfolio }, `proposer ${person}`).catch(() => undefined);
  await Promise.resolve();
  const id = list?.id ?? desk.orders.list(portfolio, 1, 0).lists[0]?.id;
  for (const step of [
    () => desk.orders.approve(id, desk.orders.show(id).contentHash, `approver ${person}`),
    () => desk.orders.release(id, `trader ${person}`),
  ]) {
    try {
      step();
    } catch {
      // Somebody else was first.
    }
    await Promise.resolve();
  }
}

const together = () => Promise.all(Array.from({ length: 20 }, async (_, person) => trade(person)));

if (mode === 'die') {
  say('began');
  await together();
  // Killed here at the latest.
  for (;;) await new Promise((resolve) => setTimeout(resolve, 1_000));
} else {
  await together();
  const counts = database
    .prepare<[string], { asset: string; n: number }>(
      `SELECT asset, count(*) AS n FROM orders WHERE list IN (SELECT id FROM order_lists WHERE portfolio = ?) GROUP BY asset ORDER BY asset`,
    )
    .all(portfolio);
  say(`outcome ${counts.map(({ asset, n }) => `${asset}:${n}`).join(' ')}`);
  database.close();
}
