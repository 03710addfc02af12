/**
 * The bit-flip sweep: one random bit at a time in the database, its log, an object, the key check or a backup; then the
 * product starts and everything is read. Found or harmless, never silently wrong. 200 flips, or 2,000 with SEXTANT_LONG=1.
 * The twin for the cipher is in tests/engine/database.test.ts: without authentication the same flips go unseen.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { backupFolder, backupIds } from '#engine/backups/backup-folder';
import { makeBackup } from '#engine/backups/make-backup';
import { verifyFolder } from '#engine/backups/verify-backup';
import { draws, filesBelow, scratchFolder } from '../support/scratch';
import { TEST_KEY } from '../support/store-schemas';
import { openFor, workspaceOf } from './operation';

const FLIPS = process.env.SEXTANT_LONG === '1' ? 2000 : 200;
const keyring = { current: TEST_KEY, retired: [] };

/** A workspace with rows, an object, a backup, and a log that is not folded in, as after a kill. */
async function makeRoot(folder: string): Promise<string> {
  const root = join(folder, 'fresh');
  mkdirSync(root);
  const workspace = await openFor({ root, sabotage: 'none' });
  const { database, objects } = workspace;
  database.pragma('wal_autocheckpoint = 0');
  const { hash, bytes } = await objects.putObject([Buffer.from('precious'.repeat(800))]);
  database
    .prepare(`INSERT INTO uploads (id, name, hash, bytes, created_at) VALUES ('U', 'a', ?, ?, 1)`)
    .run(hash, bytes);
  await makeBackup({ folder: workspace.folder, database, keyring, appVersion: 'test' }, 'manual', 1);
  const save = database.prepare(`INSERT INTO settings (name, value, updated_at) VALUES (?, ?, 1)`);
  for (let n = 0; n < 40; n++) save.run(`setting-${n}`, JSON.stringify('x'.repeat(200)));
  cpSync(root, join(folder, 'copy'), { recursive: true });
  workspace.close();
  return join(folder, 'copy');
}

/** Everything that is stored, as one text. Errors: whatever reading says. */
async function readAll(root: string): Promise<string> {
  const workspace = await openFor({ root, sabotage: 'none' });
  try {
    const { database, objects } = workspace;
    if (database.pragma('integrity_check', { simple: true }) !== 'ok') throw new Error('not consistent');
    const rows = ['settings', 'uploads', 'meta'].map((table) => database.prepare(`SELECT * FROM ${table}`).all());
    const hash = database.prepare<[], string>('SELECT hash FROM uploads').pluck().get() ?? '';
    const object = hash === '' ? '' : Buffer.from(await objects.getObject(hash)).toString('latin1');
    return JSON.stringify([rows, object]);
  } finally {
    workspace.close();
  }
}

/**
 * A log that is torn somewhere is an older state, as after a power cut: rows may be missing from there on, none may be
 * different, and whatever came before a row that is there is there too.
 */
function isEarlier(found: string, truth: string): boolean {
  type Stored = [{ name: string }[][], string]; // what readAll writes
  const [tables, object] = JSON.parse(found) as Stored;
  const [wanted, kept] = JSON.parse(truth) as Stored;
  const [settings, uploads, meta] = tables.map((rows) => rows.map((row) => JSON.stringify(row)));
  const [allSettings, allUploads, allMeta] = wanted.map((rows) => new Set(rows.map((row) => JSON.stringify(row))));
  const isPart =
    settings.every((row) => allSettings.has(row)) &&
    uploads.every((row) => allUploads.has(row)) &&
    meta.length === allMeta.size &&
    meta.every((row) => allMeta.has(row));
  const numbers = tables[0].map(({ name }) => Number(name.slice('setting-'.length))).sort((x, y) => x - y);
  const isWithoutGap = numbers.every((number, i) => number === i);
  // The upload was made before the settings; its object is on the disk for itself.
  const isInOrder = uploads.length === 1 ? object === kept : object === '' && settings.length === 0;
  return isPart && isWithoutGap && isInOrder;
}

it(`${FLIPS} flipped bits are found or harmless`, { timeout: 3_600_000 }, async () => {
  const folder = scratchFolder();
  const fresh = await makeRoot(folder);
  cpSync(fresh, join(folder, 'truth'), { recursive: true });
  const truth = await readAll(join(folder, 'truth'));
  const files = filesBelow(workspaceOf(fresh)).filter(
    (file) => !/(-shm|lock\.db|host\.json)$/.test(file) && !file.includes('/backups/'),
  );
  const draw = draws(3);
  const result = { found: 0, harmless: 0, silent: [] as string[] };
  for (let flip = 0; flip < FLIPS; flip++) {
    const root = join(folder, 'flipped');
    cpSync(fresh, root, { recursive: true });
    const file = files[flip % files.length].replace(fresh, root);
    const bytes = readFileSync(file);
    bytes[draw(bytes.length)] ^= 1 << draw(8);
    writeFileSync(file, bytes);
    const found = await readAll(root).catch(() => null);
    if (found === null) result.found++;
    else if (found === truth || (file.endsWith('-wal') && isEarlier(found, truth))) result.harmless++;
    else result.silent.push(file.replace(root, ''));
    rmSync(root, { recursive: true });
  }
  expect(result.silent).toEqual([]);
  expect(result.found).toBeGreaterThan(FLIPS / 4);
});

it(`${FLIPS / 2} flipped bits in a backup are all found`, { timeout: 3_600_000 }, async () => {
  const fresh = workspaceOf(await makeRoot(scratchFolder()));
  const [id] = backupIds(fresh);
  const backup = backupFolder(fresh, id);
  const files = filesBelow(backup).filter((file) => !/(workspace\.json|audit\.anchors)$/.test(file));
  const draw = draws(4);
  let missed = 0;
  for (let flip = 0; flip < FLIPS / 2; flip++) {
    const file = files[flip % files.length];
    const bytes = readFileSync(file);
    const flipped = Buffer.from(bytes);
    flipped[draw(bytes.length)] ^= 1 << draw(8);
    writeFileSync(file, flipped);
    await verifyFolder(backup, keyring, { contents: 'all' }).then(
      () => missed++,
      () => {},
    );
    writeFileSync(file, bytes);
  }
  expect(missed).toBe(0);
  // The twin: whole again, it is accepted, so the refusals were about the bits.
  await expect(verifyFolder(backup, keyring, { contents: 'all' })).resolves.toMatchObject({ id });
});
