/**
 * A writer that never rests: `node script.mjs FILE`. Each transaction adds and removes rows and keeps their number and
 * sum in a row of its own, so that a copy that is not of one moment does not add up.
 */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { inTransaction, openDatabase } from '#engine/store/database';
import { ledgerMigrations, TEST_KEY } from '../support/store-schemas';

const [file] = process.argv.slice(2);
const database = openDatabase({ file, key: TEST_KEY, migrations: ledgerMigrations });
database.pragma('wal_autocheckpoint = 100');
const insert = database.prepare('INSERT INTO position (body, amount) VALUES (?, ?)');
const oldest = database.prepare<[], { amount: number; id: number }>(
  'SELECT id, amount FROM position ORDER BY id LIMIT 100',
);
const count = database.prepare<[], number>('SELECT count FROM total').pluck();
const remove = database.prepare('DELETE FROM position WHERE id = ?');
const add = database.prepare('UPDATE total SET count = count + ?, sum = sum + ?');

const MOST_ROWS = 20_000;

for (let round = 0; ; round++) {
  inTransaction(database, () => {
    for (let i = 0; i < 60; i++) {
      const amount = (round * 31 + i * 7) % 1000;
      insert.run(randomBytes(300), amount);
      add.run(1, amount);
    }
    // As large as it is after a second it stays: a backup of hours of writing would measure the disk and not the backup.
    if ((count.get() ?? 0) < MOST_ROWS) return;
    for (const { id, amount } of oldest.all()) {
      remove.run(id);
      add.run(-1, -amount);
    }
  });
  if (round % 20 === 0) writeSync(1, `${round}\n`);
}
