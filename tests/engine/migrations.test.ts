/** Schema steps: each is all or nothing, also when the process is killed in the middle; and what schema 1 forbids. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '#base/errors';
import { createDatabase, openDatabase, type Database } from '#engine/store/database';
import type { Migration } from '#engine/store/migrate';
import { migrations } from '#engine/store/schema';
import { buildScript } from '../support/build-script';
import { startChild } from '../support/child';
import { scratchFolder } from '../support/scratch';
import { slowMigrations, TEST_KEY } from '../support/store-schemas';

const key = TEST_KEY;
const ROUNDS = process.env.SEXTANT_LONG === '1' ? 200 : 10;

function schemaOf(database: Database): string {
  return JSON.stringify([
    database.prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").all(),
    database.pragma('user_version', { simple: true }),
  ]);
}

it('every older version ends at the same schema as a new database', () => {
  const folder = scratchFolder();
  const fresh = createDatabase({ file: join(folder, 'fresh.db'), key, migrations });
  for (let version = 1; version < migrations.length; version++) {
    const file = join(folder, `from-${version}.db`);
    createDatabase({ file, key, migrations: migrations.slice(0, version) }).close();
    const database = openDatabase({ file, key, migrations });
    expect(schemaOf(database)).toBe(schemaOf(fresh));
    database.close();
  }
  fresh.close();
});

it('a step that fails leaves the version before it, whole, and the steps before it done', () => {
  const file = join(scratchFolder(), 'a.db');
  const base: Migration = { name: 'base', up: (database) => void database.exec('CREATE TABLE a (x)') };
  const second: Migration = { name: 'second', up: (database) => void database.exec('CREATE TABLE b (x)') };
  const third: Migration = {
    name: 'third',
    up(database) {
      database.exec('DROP TABLE a; CREATE TABLE c (x)');
      throw new Error('no');
    },
  };
  createDatabase({ file, key, migrations: [base] }).close();
  expect(() => openDatabase({ file, key, migrations: [base, second, third] })).toThrowError('no');
  const database = openDatabase({ file, key, migrations: [base, second] });
  expect(database.pragma('user_version', { simple: true })).toBe(2);
  expect(database.prepare("SELECT group_concat(name) FROM sqlite_schema WHERE type = 'table'").pluck().get()).toBe(
    'a,b',
  );
  database.close();
});

it(
  `${ROUNDS} kills in the middle of a migration: the schema is always that of a whole version`,
  { timeout: 600_000 },
  async () => {
    const script = await buildScript('tests/support/store-child.ts');
    const steps = slowMigrations(() => {});
    const seen = new Set<number>();
    for (let round = 0; round < ROUNDS; round++) {
      const file = join(scratchFolder(), 'a.db');
      createDatabase({ file, key, migrations: steps.slice(0, 1) }).close();
      const child = startChild(script, ['migrate', file]);
      await child.line(new RegExp(`step ${1 + (round % 4)}`));
      await child.kill();

      seen.add(readWhole(file, steps));
      const finished = openDatabase({ file, key, migrations: steps });
      expect(finished.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(
        finished.prepare("SELECT count(*) FROM base WHERE text LIKE '%1234' AND c4 IS NOT NULL").pluck().get(),
      ).toBe(3000);
      finished.close();
    }
    expect([...seen].some((version) => version < steps.length)).toBe(true);
  },
);

/**
 * Opens what the killed process left with ever longer lists of steps: shorter ones are refused as too old, so the first
 * that opens is exactly the version of the file. Checks that columns and rows agree with it.
 */
function readWhole(file: string, steps: readonly Migration[]): number {
  for (let version = 1; version <= steps.length; version++) {
    const database = openUnlessNewer(file, steps.slice(0, version));
    if (database === null) continue;
    const columns = database.prepare<[], { name: string }>('PRAGMA table_info(base)').all();
    expect(columns).toHaveLength(2 + version - 1);
    const suffix = '1234'.slice(0, version - 1);
    expect(database.prepare('SELECT count(*) FROM base WHERE text LIKE ?').pluck().get(`%${suffix}`)).toBe(3000);
    database.close();
    return version;
  }
  throw new Error('Expected a readable database of some version; found none.');
}

function openUnlessNewer(file: string, steps: readonly Migration[]): Database | null {
  try {
    return openDatabase({ file, key, migrations: steps });
  } catch (error) {
    if (error instanceof AppError && error.code === 'WORKSPACE_NEWER') return null;
    throw error;
  }
}

describe('schema 1', () => {
  function open(): Database {
    const database = createDatabase({ file: join(scratchFolder(), 'a.db'), key, migrations });
    database.exec(`
      INSERT INTO jobs (id, kind, subject, title, status, payload, created_at) VALUES ('J', 'run', 'R', 't', 'running', '{}', 1), ('K', 'run', 'S', 't', 'running', '{}', 1);
      INSERT INTO datasets (id, name, version, content_hash, created_at, manifest, quality, errors, warnings, infos)
        VALUES ('D', 'sample', 1, 'h', 1, '{}', '{}', 0, 0, 0);
      INSERT INTO runs (id, name, job, dataset, created_at, config, provenance) VALUES ('R', 'r', 'J', 'D', 1, '{}', '{}');
      INSERT INTO run_results (run, name, hash, bytes) VALUES ('R', 'result', 'h1', 1);
      INSERT INTO trials (dataset_hash, strategy_hash, run, at) VALUES ('h', 's', 'R', 1);
      INSERT INTO audit (at, actor, action, object, prev, mac) VALUES (1, 'me', 'did', 'it', x'00', x'00');
      INSERT INTO job_events (job, seq, at, type, body) VALUES ('J', 1, 1, 'status', '{}');
    `);
    return database;
  }

  it.each([
    ['a trial is changed', `UPDATE trials SET run = 'X'`],
    ['a trial is deleted', `DELETE FROM trials`],
    ['a trial is counted twice', `INSERT INTO trials (dataset_hash, strategy_hash, run, at) VALUES ('h', 's', 'S', 2)`],
    ['an audit row is changed', `UPDATE audit SET actor = 'you'`],
    ['an audit row is deleted', `DELETE FROM audit`],
    ['a job event is rewritten', `UPDATE job_events SET body = '{"a":1}'`],
    ['the configuration of a run is edited', `UPDATE runs SET config = '{"a":1}'`],
    ['a dataset that a run uses is removed', `DELETE FROM datasets`],
    [
      'a dataset version appears twice',
      `INSERT INTO datasets SELECT 'E', name, version, content_hash, job, created_at, manifest, quality, errors, warnings, infos FROM datasets`,
    ],
    ['a document is not JSON', `UPDATE runs SET summary = 'nonsense'`],
    ['a status is made up', `UPDATE jobs SET status = 'paused'`],
    [
      'a run names a dataset that does not exist',
      `INSERT INTO runs (id, name, job, dataset, created_at, config, provenance) VALUES ('S', 's', 'K', 'none', 1, '{}', '{}')`,
    ],
  ])('refuses when %s', (_, statement) => {
    const database = open();
    expect(() => database.exec(statement)).toThrowError(
      expect.objectContaining({ code: expect.stringContaining('SQLITE_CONSTRAINT') }),
    );
    database.close();
  });

  it.each([
    ['changed', `UPDATE runs SET summary = '{"a":2}' WHERE id = 'R'`],
    ['renamed', `UPDATE runs SET name = 'nicer' WHERE id = 'R'`],
    ['unsealed', `UPDATE runs SET sealed_at = NULL WHERE id = 'R'`],
    ['deleted', `DELETE FROM runs WHERE id = 'R'`],
    ['given another result', `INSERT INTO run_results (run, name, hash, bytes) VALUES ('R', 'more', 'h2', 1)`],
    ['given a changed result', `UPDATE run_results SET hash = 'h2'`],
    ['robbed of a result', `DELETE FROM run_results`],
  ])('a sealed run cannot be %s', (_, statement) => {
    const database = open();
    database.exec(`UPDATE runs SET summary = '{"a":1}', sealed_at = 5 WHERE id = 'R'`);
    expect(() => database.exec(statement)).toThrowError(expect.objectContaining({ code: 'SQLITE_CONSTRAINT_TRIGGER' }));
    database.close();
  });

  it('names every object that a row refers to', () => {
    const database = open();
    database.exec(
      `INSERT INTO dataset_objects (dataset, role, hash, bytes) VALUES ('D', 'panel', 'h2', 1), ('D', 'x', 'h1', 1)`,
    );
    database.exec(`INSERT INTO uploads (id, name, hash, bytes, created_at) VALUES ('U', 'a.csv', 'h3', 1, 1)`);
    expect(database.prepare('SELECT hash FROM referenced_objects ORDER BY hash').pluck().all()).toEqual([
      'h1',
      'h2',
      'h3',
    ]);
    database.close();
  });
});
