/** The operations of the product that the fault machines interrupt, each with what it promises. */
import { createHash } from 'node:crypto';
import { AppError } from '#base/errors';
import { openDatabase, createDatabase, inTransaction } from '#engine/store/database';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { slowMigrations, TEST_KEY } from '../support/store-schemas';
import { openTestQueue } from '../support/test-queue';
import { backupOperations } from './backup-operations';
import { keyOperations } from './key-operations';
import { inspect, openFor, workspaceOf, type Operation } from './operation';

const TIMES = 6;

async function makeWorkspace(root: string): Promise<void> {
  (await openFor({ root, sabotage: 'none' })).close();
}

function content(n: number): Buffer {
  return Buffer.from(
    createHash('sha256')
      .update(String(n))
      .digest('hex')
      .repeat(40 * n),
  );
}

/** A new workspace: key check, database, schema. */
const create: Operation = {
  name: 'create',
  prepare: async () => {},
  async run(run) {
    const workspace = await openFor(run);
    workspace.database.prepare(`INSERT INTO settings (name, value, updated_at) VALUES ('first', '1', 1)`).run();
    run.promise('first');
    workspace.close();
  },
  complaints: (root, promised) =>
    inspect(root, ({ database }) => {
      const kept = database.prepare(`SELECT count(*) FROM settings WHERE name = 'first'`).pluck().get();
      return promised.includes('first') && kept !== 1 ? ['the first setting is lost'] : [];
    }),
};

/** Settings: small rows, changed in place. */
const settings: Operation = {
  name: 'settings',
  prepare: makeWorkspace,
  async run(run) {
    const workspace = await openFor(run);
    const save = workspace.database.prepare(
      `INSERT INTO settings (name, value, updated_at) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET value = excluded.value`,
    );
    for (let n = 1; n <= 5 * TIMES; n++) {
      inTransaction(workspace.database, () => {
        save.run('newest', String(n));
        save.run(`setting-${n}`, JSON.stringify('x'.repeat(300)));
      });
      run.promise(String(n));
    }
    workspace.close();
  },
  complaints: (root, promised) =>
    inspect(root, ({ database }) => {
      const newest = Number(database.prepare(`SELECT value FROM settings WHERE name = 'newest'`).pluck().get() ?? 0);
      const count = database.prepare(`SELECT count(*) FROM settings WHERE name LIKE 'setting-%'`).pluck().get();
      return [
        ...(newest < Math.max(0, ...promised.map(Number))
          ? [`setting ${promised.at(-1)} is lost, ${newest} is there`]
          : []),
        ...(count === newest ? [] : [`half a transaction: ${String(count)} settings, the newest is ${newest}`]),
      ];
    }),
};

/** An artifact: an encrypted object first, the row that points to it second. Sabotaged: the promise before both. */
const artifact: Operation = {
  name: 'artifact',
  prepare: makeWorkspace,
  async run(run) {
    const workspace = await openFor(run);
    const insert = workspace.database.prepare(
      'INSERT INTO uploads (id, name, hash, bytes, created_at) VALUES (?, ?, ?, ?, 1)',
    );
    for (let n = 1; n <= TIMES; n++) {
      if (run.sabotage === 'promise-first') run.promise(createHash('sha256').update(content(n)).digest('hex'));
      const { hash, bytes } = await workspace.objects.putObject([content(n)]);
      inTransaction(workspace.database, () => insert.run(`U${n}`, 'artifact', hash, bytes));
      if (run.sabotage !== 'promise-first') run.promise(hash);
    }
    workspace.close();
  },
  complaints: (root, promised) =>
    inspect(root, ({ database }) => {
      const kept = new Set(database.prepare('SELECT hash FROM uploads').pluck().all());
      return promised.filter((hash) => !kept.has(hash)).map((hash) => `artifact ${hash} is lost`);
    }),
};

/** A run: queued, worked on, and its result object, rows, events and status stored together. */
const run: Operation = {
  name: 'run',
  prepare: makeWorkspace,
  async run({ root, sabotage, promise, stuck }) {
    const host = await openTestQueue({ folder: root, onFullDisk: stuck });
    host.workspace.database.pragma('wal_autocheckpoint = 12');
    if (sabotage === 'synchronous-normal') host.workspace.database.pragma('synchronous = NORMAL');
    for (let n = 1; n <= TIMES / 2; n++) {
      const job = host.order({ do: 'sum', steps: 3, seed: n });
      promise(`queued ${job}`);
      promise(`${(await host.queue.waitFor(job)).status} ${job}`);
    }
    await host.close();
  },
  complaints: (root, promised) =>
    inspect(root, ({ database }) =>
      promised.flatMap((fact) => {
        const [status, job] = fact.split(' ');
        const found = database.prepare('SELECT status FROM jobs WHERE id = ?').pluck().get(job);
        const result = database.prepare('SELECT count(*) FROM uploads WHERE id = ?').pluck().get(job);
        if (found === undefined) return [`job ${job} is lost`];
        if (status !== 'queued' && found !== status) return [`job ${job} was ${status}, now it is ${String(found)}`];
        return (found === 'succeeded') === (result === 1)
          ? []
          : [`job ${job} is ${String(found)} with ${String(result)} results`];
      }),
    ),
};

const steps = slowMigrations(() => {}, 60);

function migrationFile(root: string): string {
  return join(workspaceOf(root), 'workspace.db');
}

/** An upgrade of four steps that each rewrite a whole table. */
const migration: Operation = {
  name: 'migration',
  async prepare(root) {
    mkdirSync(workspaceOf(root), { recursive: true });
    createDatabase({ file: migrationFile(root), key: TEST_KEY, migrations: steps.slice(0, 1) }).close();
  },
  async run({ root, promise }) {
    openDatabase({ file: migrationFile(root), key: TEST_KEY, migrations: steps }).close();
    promise('migrated');
  },
  async complaints(root, promised) {
    try {
      const found = versionOf(root);
      const database = openDatabase({ file: migrationFile(root), key: TEST_KEY, migrations: steps });
      const whole = database
        .prepare(`SELECT count(*) FROM base WHERE text LIKE '%1234' AND c4 IS NOT NULL`)
        .pluck()
        .get();
      const state = database.pragma('integrity_check', { simple: true });
      database.close();
      return [
        ...(promised.includes('migrated') && found < steps.length
          ? [`version ${found} after the upgrade was done`]
          : []),
        ...(whole === 60 && state === 'ok'
          ? []
          : [`after the upgrade ${String(whole)} of 60 rows are whole: ${String(state)}`]),
      ];
    } catch (error) {
      return [`does not start: ${String(error)}`];
    }
  },
};

/** The version that the file is of: shorter lists of steps are refused as too old, the first that opens is it. */
function versionOf(root: string): number {
  for (let version = 1; version < steps.length; version++) {
    try {
      openDatabase({ file: migrationFile(root), key: TEST_KEY, migrations: steps.slice(0, version) }).close();
      return version;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'WORKSPACE_NEWER') throw error;
    }
  }
  return steps.length;
}

export const operations: readonly Operation[] = [
  create,
  settings,
  artifact,
  run,
  migration,
  ...backupOperations,
  ...keyOperations,
];
