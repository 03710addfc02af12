/**
 * A process that works on a store until it is killed: `node script.mjs <role> <path>`, told on stdout line by line.
 *
 * - `write FILE`: commits numbered runs of 20 rows for ever and acknowledges each after its commit.
 * - `lock FOLDER`: tries to own the workspace; says `WIN` and holds it, or `LOSE <code> <pid of the owner>`.
 * - `migrate FILE STEPS`: migrates with steps that each write many rows; says which step begins.
 */
import { writeSync } from 'node:fs';
import { AppError } from '#base/errors';
import { inTransaction, openDatabase } from '#engine/store/database';
import { lockWorkspace } from '#engine/store/workspace-lock';
import { slowMigrations, TEST_KEY, writerMigrations } from './store-schemas';

const [role, path] = process.argv.slice(2);

/** Written straight to the descriptor: an acknowledgement must not wait in a buffer when the process dies. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

function write(file: string): never {
  const database = openDatabase({ file, key: TEST_KEY, migrations: writerMigrations });
  const last = database.prepare<[], number>('SELECT coalesce(max(run), 0) FROM written').pluck();
  const insert = database.prepare('INSERT INTO written (run, k, v) VALUES (?, ?, ?)');
  for (let run = (last.get() ?? 0) + 1; ; run++) {
    inTransaction(database, () => {
      for (let k = 0; k < 20; k++) insert.run(run, k, Math.sin(run * k));
    });
    say(String(run));
  }
}

function lock(folder: string): void {
  try {
    lockWorkspace(folder, Date.now());
    say('WIN');
    setInterval(() => {}, 1000);
  } catch (error) {
    say(error instanceof AppError ? `LOSE ${error.code} ${JSON.stringify(error.data)}` : `LOSE ${String(error)}`);
  }
}

function migrateSlowly(file: string): void {
  openDatabase({ file, key: TEST_KEY, migrations: slowMigrations((step) => say(`step ${step}`)) }).close();
  say('done');
}

if (role === 'write') write(path);
else if (role === 'lock') lock(path);
else migrateSlowly(path);
