/** Schema 2: audits stand beside sealed runs, and what they found is as final as the runs. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDatabase, openDatabase, type Database } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { scratchFolder } from '../support/scratch';
import { TEST_KEY } from '../support/store-schemas';

const RUN = `
  INSERT INTO jobs (id, kind, subject, title, status, payload, created_at) VALUES ('J', 'run', 'R', 't', 'succeeded', '{}', 1);
  INSERT INTO datasets (id, name, version, content_hash, created_at, manifest, quality, errors, warnings, infos)
    VALUES ('D', 'sample', 1, 'h', 1, '{}', '{}', 0, 0, 0);
  INSERT INTO runs (id, name, job, dataset, created_at, config, provenance, sealed_at) VALUES ('R', 'r', 'J', 'D', 1, '{}', '{}', 5);
`;
const AUDIT = `INSERT INTO audits (job, run, created_at, status, document) VALUES ('A', 'R', 9, 'passed', '{}')`;

describe('a workspace of schema 1', () => {
  it('keeps its sealed runs on the way to schema 2, and can be audited then', () => {
    const file = join(scratchFolder(), 'a.db');
    const old = createDatabase({ file, key: TEST_KEY, migrations: migrations.slice(0, 1) });
    old.exec(RUN);
    old.close();
    const database = openDatabase({ file, key: TEST_KEY, migrations: migrations.slice(0, 2) });
    expect(database.prepare('SELECT id, sealed_at FROM runs').all()).toEqual([{ id: 'R', sealed_at: 5 }]);
    database.exec(AUDIT);
    expect(database.prepare('SELECT count(*) FROM audits').pluck().get()).toBe(1);
    database.close();
  });
});

describe('an audit', () => {
  function open(): Database {
    const database = createDatabase({ file: join(scratchFolder(), 'a.db'), key: TEST_KEY, migrations });
    database.exec(RUN + AUDIT);
    return database;
  }
  it.each([
    ['changed', `UPDATE audits SET status = 'failed'`],
    ['rewritten', `UPDATE audits SET document = '{"a":1}'`],
    ['moved to another run', `UPDATE audits SET run = 'S'`],
    ['deleted', 'DELETE FROM audits'],
    ['given for a run that does not exist', `INSERT INTO audits VALUES ('B', 'none', 9, 'passed', '{}')`],
    ['stored with a made-up status', `INSERT INTO audits VALUES ('B', 'R', 9, 'splendid', '{}')`],
    ['stored twice for one job', `INSERT INTO audits VALUES ('A', 'R', 10, 'passed', '{}')`],
    ['stored without a document', `INSERT INTO audits VALUES ('B', 'R', 9, 'passed', 'nonsense')`],
  ])('cannot be %s', (_, statement) => {
    const database = open();
    expect(() => database.exec(statement)).toThrowError(
      expect.objectContaining({ code: expect.stringContaining('SQLITE_CONSTRAINT') }),
    );
    database.close();
  });
});
