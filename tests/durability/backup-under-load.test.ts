/**
 * Backups of a database that another process never stops writing to: each is of one moment and whole. 20, or 300 with
 * SEXTANT_LONG=1. The twin copies the files instead, which is what "how to corrupt a database" warns of.
 */
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeBackup } from '#engine/backups/make-backup';
import { backupFolder } from '#engine/backups/backup-folder';
import { createDatabase, openDatabase, openReadOnly } from '#engine/store/database';
import { buildScript } from '../support/build-script';
import { startChild } from '../support/child';
import { scratchFolder } from '../support/scratch';
import { ledgerMigrations as migrations, TEST_KEY as key } from '../support/store-schemas';

const BACKUPS = process.env.SEXTANT_LONG === '1' ? 300 : 20;

/** Whether a copy is readable to the last page and of one moment. */
function isWhole(file: string): boolean {
  try {
    const database = openReadOnly({ file, key });
    try {
      if (database.pragma('integrity_check', { simple: true }) !== 'ok') return false;
      const kept = database.prepare('SELECT count, sum FROM total').get();
      const found = database.prepare('SELECT count(*) AS count, coalesce(sum(amount), 0) AS sum FROM position').get();
      return JSON.stringify(kept) === JSON.stringify(found);
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}

async function busyDatabase() {
  const script = await buildScript('tests/durability/backup-under-load.ts');
  const folder = join(scratchFolder(), 'workspace');
  mkdirSync(join(folder, 'objects'), { recursive: true });
  const file = join(folder, 'workspace.db');
  createDatabase({ file, key, migrations }).close();
  const writer = startChild(script, [file]);
  await writer.line(/^20$/);
  return { folder, file, writer };
}

it(`${BACKUPS} of ${BACKUPS} backups under load are whole`, { timeout: 3_600_000 }, async () => {
  const { folder, file, writer } = await busyDatabase();
  const database = openDatabase({ file, key, migrations });
  const keyring = { current: key, retired: [] };
  const sums = new Set<unknown>();
  for (let n = 0; n < BACKUPS; n++) {
    const lines = writer.lines.length;
    const { id } = await makeBackup({ folder, database, keyring, appVersion: 'test' }, 'automatic', Date.now());
    expect(isWhole(join(backupFolder(folder, id), 'workspace.db'))).toBe(true);
    sums.add(database.prepare('SELECT sum FROM total').pluck().get());
    rmSync(backupFolder(folder, id), { recursive: true });
    await writer.count(lines + 1);
  }
  expect(sums.size).toBeGreaterThan(BACKUPS / 2);
  database.close();
});

it('finds that copies of the files are not (the twin)', { timeout: 600_000 }, async () => {
  const { folder, file, writer } = await busyDatabase();
  const copy = join(folder, 'copy.db');
  let bad = 0;
  for (let n = 0; n < 300 && bad === 0; n++) {
    const lines = writer.lines.length;
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    if (!isWhole(copy)) bad++;
    for (const suffix of ['', '-wal', '-shm']) rmSync(copy + suffix, { force: true });
    await writer.count(lines + 1);
  }
  expect(bad).toBe(1);
});
