/** Small schemas for the crash tests of the store, shared by the test and its child processes. */
import { Buffer } from 'node:buffer';
import type { Migration } from '#engine/store/migrate';

export const TEST_KEY = Buffer.alloc(32, 0xa5);
export const OTHER_KEY = Buffer.alloc(32, 0x5a);

export const writerMigrations: readonly Migration[] = [
  {
    name: 'written',
    up: (database) =>
      void database.exec('CREATE TABLE written (run INTEGER, k INTEGER, v REAL, PRIMARY KEY (run, k)) STRICT'),
  },
];

const ROWS = 3000;

/** Five steps, each of which adds a column and rewrites every row, so that a kill is likely to hit one half done. */
export function slowMigrations(begin: (step: number) => void, rows = ROWS): readonly Migration[] {
  const first: Migration = {
    name: 'base',
    up: (database) =>
      void database.exec(`CREATE TABLE base (id INTEGER PRIMARY KEY, text TEXT);
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
        INSERT INTO base SELECT i, hex(randomblob(200)) FROM n`),
  };
  const others = [1, 2, 3, 4].map((step) => ({
    name: `step ${step}`,
    up(database: Parameters<Migration['up']>[0]) {
      begin(step);
      database.exec(`ALTER TABLE base ADD COLUMN c${step} TEXT`);
      database.exec(`UPDATE base SET c${step} = hex(randomblob(200)), text = text || '${step}'`);
    },
  }));
  return [first, ...others];
}

/** Rows, and in one row of their own their number and sum. */
export const ledgerMigrations: readonly Migration[] = [
  {
    name: 'ledger',
    up: (database) =>
      void database.exec(`CREATE TABLE position (id INTEGER PRIMARY KEY, body BLOB, amount INTEGER);
        CREATE INDEX position_by_amount ON position (amount);
        CREATE TABLE total (count INTEGER, sum INTEGER);
        INSERT INTO total VALUES (0, 0);
        CREATE VIEW referenced_objects AS SELECT '' AS hash WHERE 0;`),
  },
];
