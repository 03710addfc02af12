/**
 * The audit log proves itself: thousands of mutations by somebody who can write the database are all found, and a chain without its
 * codes or its anchors finds them no longer (the sabotage twins).
 */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '#base/log';
import { createAuditLog, type AuditLog } from '#engine/audit/audit-log';
import { createDatabase, openDatabase, type Database } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { createRandom } from '#quant/array/random';
import { openTestEngine } from '../support/engine-host';
import { scratchFolder } from '../support/scratch';
import { TEST_KEY as key } from '../support/store-schemas';

const LONG = process.env.SEXTANT_LONG === '1';
const MUTATIONS = LONG ? 10_000 : 400;
const ROWS = 230;
const DAY = 86_400_000;

interface Opened {
  readonly database: Database;
  readonly audit: AuditLog;
}

let clock = Date.UTC(2026, 0, 1);

function open(folder: string): Opened {
  const file = join(folder, 'workspace.db');
  const make = existsSync(file) ? openDatabase : createDatabase;
  const database = make({ file, key, migrations });
  return { database, audit: createAuditLog({ database, folder, log: silentLog, now: () => clock }) };
}

function close({ database, audit }: Opened): void {
  audit.close();
  database.close();
}

function fill(audit: AuditLog, rows: number): void {
  for (let i = 0; i < rows; i++) {
    clock += 60_000;
    audit.append({ actor: i % 3 === 0 ? 'screen' : 'cli', action: 'runs.start', object: `run-${i}`, detail: { i } });
  }
}

/** The triggers do not stop whoever can open the database; the chain has to. */
function dropTriggers(database: Database): void {
  const names = database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all();
  for (const name of names) database.exec(`DROP TRIGGER "${name}"`);
}

type Mutation = (database: Database, at: number, other: number) => void;

const mutations: Readonly<Record<string, Mutation>> = {
  'edits an actor': (db, at) => void db.prepare("UPDATE audit SET actor = actor || 'x' WHERE seq = ?").run(at),
  'edits a time': (db, at) => void db.prepare('UPDATE audit SET at = at + 1 WHERE seq = ?').run(at),
  'edits a detail': (db, at) => void db.prepare(`UPDATE audit SET detail = '{"i":-1}' WHERE seq = ?`).run(at),
  'moves text between fields': (db, at) =>
    void db.prepare("UPDATE audit SET action = action || object, object = '' WHERE seq = ?").run(at),
  'deletes a row': (db, at) => void db.prepare('DELETE FROM audit WHERE seq = ?').run(at),
  'deletes a row and closes the gap': (db, at) => {
    db.prepare('DELETE FROM audit WHERE seq = ?').run(at);
    db.prepare('UPDATE audit SET seq = -seq WHERE seq > ?').run(at);
    db.prepare('UPDATE audit SET seq = -seq - 1 WHERE seq < 0').run();
  },
  'swaps two rows': (db, at, other) => {
    db.prepare('UPDATE audit SET seq = -1 WHERE seq = ?').run(at);
    db.prepare('UPDATE audit SET seq = ? WHERE seq = ?').run(at, other);
    db.prepare('UPDATE audit SET seq = ? WHERE seq = -1').run(other);
  },
  'repeats a row at the end': (db, at) =>
    void db
      .prepare(
        `INSERT INTO audit (seq, at, actor, action, object, detail, prev, mac)
         SELECT (SELECT max(seq) + 1 FROM audit), at, actor, action, object, detail, prev, mac FROM audit WHERE seq = ?`,
      )
      .run(at),
  'cuts the end off': (db, at) => void db.prepare('DELETE FROM audit WHERE seq >= ?').run(at),
  'cuts the beginning off': (db, at) => void db.prepare('DELETE FROM audit WHERE seq <= ?').run(at),
  'forges a pruning': (db, at) => {
    db.prepare(
      `INSERT INTO audit_checkpoints (upto, at, removed, head, mac)
       SELECT seq, at, seq, mac, prev FROM audit WHERE seq = ?`,
    ).run(at);
    db.prepare('DELETE FROM audit WHERE seq <= ?').run(at);
  },
};

describe('mutations', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sextant-audit-'));
    const opened = open(folder);
    fill(opened.audit, ROWS);
    close(opened);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test(
    `${MUTATIONS} mutations of ${Object.keys(mutations).length} kinds are all found`,
    { timeout: 600_000 },
    async () => {
      const opened = open(folder);
      const { database, audit } = opened;
      expect(await audit.verify()).toMatchObject({ intact: true, rows: ROWS, fault: null });
      dropTriggers(database);
      const random = createRandom(LONG ? Date.now() : 11);
      const kinds = Object.entries(mutations);
      const missed: string[] = [];
      for (let round = 0; round < MUTATIONS; round++) {
        const [name, mutate] = kinds[round % kinds.length];
        const at = 1 + Math.floor(random.uniform() * ROWS);
        const other = 1 + ((at + Math.floor(random.uniform() * (ROWS - 1))) % ROWS);
        database.exec('BEGIN');
        mutate(database, at, other);
        const verdict = await audit.verify();
        database.exec('ROLLBACK');
        if (verdict.intact) missed.push(`${name} at ${at}`);
      }
      expect(missed).toEqual([]);
      expect(await audit.verify()).toMatchObject({ intact: true });
      database.close();
    },
  );

  test('an old database put back is found by the anchors, and only by them', async () => {
    const copy = join(folder, 'old.db');
    close(open(folder));
    copyFileSync(join(folder, 'workspace.db'), copy);
    const later = open(folder);
    fill(later.audit, 5);
    close(later);
    rmSync(join(folder, 'workspace.db'));
    copyFileSync(copy, join(folder, 'workspace.db'));
    const back = open(folder);
    expect((await back.audit.verify()).fault?.problem).toMatch(/anchored; found|old file put back/);
    back.database.close();
    const anchors = readFileSync(join(folder, 'audit.anchors'), 'utf8').trim().split('\n');
    writeFileSync(join(folder, 'audit.anchors'), `${anchors.slice(0, -1).join('\n')}\n`);
    const blind = open(folder);
    expect((await blind.audit.verify()).intact).toBe(true);
    blind.database.close();
  });

  test('a changed, cut or missing file of anchors is found; a line torn by a crash is not a fault', async () => {
    const file = join(folder, 'audit.anchors');
    const whole = readFileSync(file, 'utf8');
    const check = async (content: string | null) => {
      if (content === null) rmSync(file);
      else writeFileSync(file, content);
      const { database, audit } = open(folder);
      const verdict = await audit.verify();
      database.close();
      writeFileSync(file, whole);
      return verdict.intact;
    };
    expect(await check(whole)).toBe(true);
    expect(await check(`${whole}17 99`)).toBe(true);
    expect(await check(whole.replace(/^(\d+) (\d)/, '$1 9'))).toBe(false);
    expect(await check('')).toBe(false);
    expect(await check(null)).toBe(false);
  });
});

test('a row is stored with its transaction or not at all, and is never changed or removed', () => {
  const opened = open(scratchFolder());
  const { database, audit } = opened;
  fill(audit, 3);
  expect(() =>
    database.transaction(() => {
      audit.append({ actor: 'a', action: 'b', object: 'c' });
      throw new Error('no');
    })(),
  ).toThrow('no');
  expect(audit.head().seq).toBe(3);
  expect(() => database.exec("UPDATE audit SET actor = 'x'")).toThrow('append-only');
  expect(() => database.exec('DELETE FROM audit')).toThrow('append-only');
  expect(() => database.exec("INSERT INTO audit (at, actor, action, object) VALUES (1, 'a', 'b', 'c')")).toThrow(
    'chained',
  );
  close(opened);
});

test('pruning by age leaves a log that still proves itself, again and again', async () => {
  const folder = scratchFolder();
  let opened = open(folder);
  for (let year = 0; year < 3; year++) {
    fill(opened.audit, 120);
    clock += 366 * DAY;
    const { removed } = opened.audit.prune(clock - 365 * DAY);
    expect(removed).toBeGreaterThan(0);
    expect(await opened.audit.verify()).toMatchObject({ intact: true, fault: null });
    close(opened);
    opened = open(folder);
    expect(await opened.audit.verify()).toMatchObject({ fault: null });
  }
  expect(opened.audit.list({ limit: 5, offset: 0 }).rows[0].action).toBe('audit.pruned');
  close(opened);
});

test('every command is in the log with its actor and outcome, every read of weights in the access log, and nothing of what was said', async () => {
  await using host = await openTestEngine();
  const { client } = host;
  await expect(client.datasets.remove({ dataset: 'no-such' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await client.portfolios.list({});
  const { entries } = await client.audit.list({});
  expect(entries.map(({ action }) => action)).toEqual(expect.arrayContaining(['datasets.remove']));
  expect(entries.find(({ action }) => action === 'datasets.remove')).toMatchObject({
    actor: 'test',
    object: 'no-such',
    detail: { code: 'NOT_FOUND', transport: 'inline' },
  });
  const { accesses } = await client.audit.accesses({});
  expect(accesses.map(({ operation }) => operation)).toEqual(['portfolios.list']);
  expect(await client.audit.verify({})).toMatchObject({ intact: true });
});
