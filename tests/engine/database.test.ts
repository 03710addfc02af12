/** The encrypted database: settings, keys, damage. Real SQLite throughout. */
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { CIPHER, createDatabase, openDatabase, type Database } from '#engine/store/database';
import type { Migration } from '#engine/store/migrate';
import { draws, fingerprint, modeOf, scratchFolder } from '../support/scratch';
import { OTHER_KEY, TEST_KEY, writerMigrations as migrations } from '../support/store-schemas';

function make(folder = scratchFolder()): { folder: string; file: string; database: Database } {
  const file = join(folder, 'workspace.db');
  return { folder, file, database: createDatabase({ file, key: TEST_KEY, migrations }) };
}

function fill(database: Database, runs: number): void {
  const insert = database.prepare('INSERT INTO written (run, k, v) VALUES (?, ?, ?)');
  database.transaction(() => {
    for (let run = 1; run <= runs; run++) for (let k = 0; k < 20; k++) insert.run(run, k, Math.sin(run * k));
  })();
}

describe('settings', () => {
  it('are in force on the first connection and on every later one', () => {
    const { file, database } = make();
    const expected = {
      cipher: CIPHER,
      journal_mode: 'wal',
      synchronous: 2,
      temp_store: 2,
      foreign_keys: 1,
      trusted_schema: 0,
      cell_size_check: 1,
      busy_timeout: 5000,
    };
    const read = (connection: Database) =>
      Object.fromEntries(Object.keys(expected).map((name) => [name, connection.pragma(name, { simple: true })]));
    expect(read(database)).toEqual(expected);
    database.close();
    for (let round = 0; round < 3; round++) {
      const again = openDatabase({ file, key: TEST_KEY, migrations });
      expect(read(again)).toEqual(expected);
      again.close();
    }
  });

  it('would lose FULL at a re-open if they were not set each time (the trap that the test above guards)', () => {
    const { file, database } = make();
    database.close();
    const careless = new Sqlite(file);
    careless.pragma(`cipher = '${CIPHER}'`);
    careless.pragma(`key = "raw:${TEST_KEY.toString('hex')}"`);
    expect(careless.pragma('synchronous', { simple: true })).toBe(1);
    careless.close();
  });

  it('come with an SQLite that has no WAL-reset bug', () => {
    const { database } = make();
    const [major, minor, patch] = String(database.prepare('SELECT sqlite_version()').pluck().get())
      .split('.')
      .map(Number);
    expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThanOrEqual(3_051_003);
    database.close();
  });
});

describe('keys', () => {
  it.each([0, 16, 31, 33, 64])('of %i bytes are refused before anything is created or touched', (length) => {
    const folder = scratchFolder();
    const file = join(folder, 'workspace.db');
    const key = new Uint8Array(length);
    expect(() => createDatabase({ file, key, migrations })).toThrowError(
      expect.objectContaining({ code: 'WRONG_KEY' }),
    );
    expect(fingerprint(folder)).toEqual({});
    make(folder).database.close();
    const before = fingerprint(folder);
    expect(() => openDatabase({ file, key, migrations })).toThrowError(expect.objectContaining({ code: 'WRONG_KEY' }));
    expect(fingerprint(folder)).toEqual(before);
  });

  it('that are wrong change neither the database nor a log that waits to be replayed', () => {
    const { folder, file, database } = make();
    fill(database, 50);
    const crashed = join(folder, 'crashed.db');
    copyFileSync(file, crashed);
    copyFileSync(`${file}-wal`, `${crashed}-wal`);
    database.close();
    const bytes = () => [crashed, `${crashed}-wal`].map((path) => readFileSync(path).toString('base64'));
    const before = bytes();
    for (let round = 0; round < 3; round++) {
      expect(() => openDatabase({ file: crashed, key: OTHER_KEY, migrations })).toThrowError(
        expect.objectContaining({ code: 'WRONG_KEY' }),
      );
      expect(bytes()).toEqual(before);
    }
    const recovered = openDatabase({ file: crashed, key: TEST_KEY, migrations });
    expect(recovered.prepare('SELECT count(*) FROM written').pluck().get()).toBe(1000);
    recovered.close();
  });

  it('never make a new database where one exists, nor open one that does not', () => {
    const { folder, file, database } = make();
    database.close();
    const before = fingerprint(folder);
    expect(() => createDatabase({ file, key: OTHER_KEY, migrations })).toThrowError(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
    expect(() => openDatabase({ file: `${file}2`, key: TEST_KEY, migrations })).toThrowError(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    );
    expect(fingerprint(folder)).toEqual(before);
  });
});

describe('what is not ours', () => {
  it.each([
    ['a plain SQLite file', plainSqlite],
    ['an empty file', (file: string) => writeFileSync(file, '')],
    ['a file of 10 bytes', (file: string) => writeFileSync(file, 'ten bytes!')],
  ])('%s is refused and left as it is', (_, prepare) => {
    const folder = scratchFolder();
    const file = join(folder, 'workspace.db');
    prepare(file);
    const before = fingerprint(folder);
    expect(() => openDatabase({ file, key: TEST_KEY, migrations })).toThrowError(
      expect.objectContaining({ code: 'WORKSPACE_DAMAGED' }),
    );
    expect(fingerprint(folder)).toEqual(before);
  });

  it('a newer schema is refused and left as it is', () => {
    const folder = scratchFolder();
    const file = join(folder, 'workspace.db');
    const newer: Migration[] = [
      ...migrations,
      { name: 'later', up: (database) => void database.exec('CREATE TABLE later (a)') },
    ];
    createDatabase({ file, key: TEST_KEY, migrations: newer }).close();
    const before = fingerprint(folder);
    expect(() => openDatabase({ file, key: TEST_KEY, migrations })).toThrowError(
      expect.objectContaining({ code: 'WORKSPACE_NEWER', data: { found: 2, known: 1 } }),
    );
    expect(fingerprint(folder)).toEqual(before);
  });

  it('a broken first page is damage when the key is proven, a wrong key when it is not; the file stays', () => {
    const { folder, file, database } = make();
    database.close();
    const bytes = readFileSync(file);
    bytes[2000] ^= 1;
    writeFileSync(file, bytes);
    const before = fingerprint(folder)['workspace.db'];
    for (const [keyProven, code] of [
      [true, 'WORKSPACE_DAMAGED'],
      [false, 'WRONG_KEY'],
    ] as const) {
      expect(() => openDatabase({ file, key: TEST_KEY, migrations, keyProven })).toThrowError(
        expect.objectContaining({ code }),
      );
      expect(fingerprint(folder)['workspace.db']).toBe(before);
    }
  });
});

function plainSqlite(file: string): void {
  const database = new Sqlite(file);
  database.exec('CREATE TABLE t (a)');
  database.close();
}

it('files are closed to other users', () => {
  const { file, database } = make();
  fill(database, 1);
  expect(modeOf(file)).toBe(0o600);
  expect(modeOf(`${file}-wal`)).toBe(0o600);
  database.close();
});

describe('a flipped bit', () => {
  const FLIPS = 200;

  it(`is found or harmless in ${FLIPS} of ${FLIPS} places with the product's cipher`, () => {
    expect(flipBits(CIPHER, FLIPS).silent).toBe(0);
  });

  it('is silently wrong data sometimes without authentication (the twin that shows the test can see it)', () => {
    expect(flipBits('none', FLIPS).silent).toBeGreaterThan(10);
    expect(flipBits('aes256cbc', FLIPS).silent).toBeGreaterThan(5);
  });
});

/** Flips one bit at a time in a copy and reads everything: errors are finds, differences without an error are silent. */
function flipBits(cipher: string, count: number): { found: number; silent: number; harmless: number } {
  const folder = scratchFolder();
  const connect = (path: string): Sqlite.Database => {
    const database = new Sqlite(path);
    if (cipher === 'none') return database;
    database.pragma(`cipher = '${cipher}'`);
    database.pragma(`key = "${cipher === CIPHER ? `raw:${TEST_KEY.toString('hex')}` : 'a passphrase'}"`);
    return database;
  };
  const read = (database: Sqlite.Database): string =>
    JSON.stringify(database.prepare('SELECT id, hex(body) FROM filled').all());

  const draw = draws(20_240_117);
  const file = join(folder, 'original.db');
  const original = connect(file);
  original.exec('CREATE TABLE filled (id INTEGER PRIMARY KEY, body BLOB)');
  const insert = original.prepare('INSERT INTO filled (body) VALUES (?)');
  original.transaction(() => {
    for (let i = 0; i < 2000; i++) insert.run(Buffer.from(Array.from({ length: 64 }, () => draw(256))));
  })();
  const truth = read(original);
  original.close();
  const bytes = readFileSync(file);
  const copy = join(folder, 'copy.db');
  const result = { found: 0, silent: 0, harmless: 0 };
  for (let i = 0; i < count; i++) {
    const flipped = Buffer.from(bytes);
    flipped[draw(bytes.length)] ^= 1 << draw(8);
    writeFileSync(copy, flipped);
    try {
      const database = connect(copy);
      try {
        const intact = database.pragma('integrity_check', { simple: true }) === 'ok';
        if (!intact) result.found++;
        else if (read(database) === truth) result.harmless++;
        else result.silent++;
      } finally {
        database.close();
      }
    } catch {
      result.found++;
    }
  }
  return result;
}

it('a creation that was cut short leaves no database, and the next one succeeds', () => {
  const folder = scratchFolder();
  const file = join(folder, 'workspace.db');
  const failing: Migration[] = [
    {
      name: 'fails',
      up(database) {
        database.exec('CREATE TABLE half (a)');
        throw new Error('cut short');
      },
    },
  ];
  expect(() => createDatabase({ file, key: TEST_KEY, migrations: failing })).toThrowError('cut short');
  expect(existsSync(file)).toBe(false);
  writeFileSync(`${file}.new`, 'left by a crash');
  const { database } = make(folder);
  expect(database.prepare('SELECT count(*) FROM written').pluck().get()).toBe(0);
  database.close();
  rmSync(file);
});
