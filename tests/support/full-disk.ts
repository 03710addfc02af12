/**
 * What the store does on a full disk: `node script.mjs ROLE FOLDER`, where FOLDER is a small disk of its own. It fills
 * the disk, looks, makes room again, looks again, and answers with one JSON line.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '#base/log';
import { toWire } from '#base/errors';
import { createDatabase, inTransaction, openDatabase } from '#engine/store/database';
import { openObjectStore } from '#engine/store/object-store';
import { TEST_KEY, writerMigrations } from './store-schemas';
import { writeDocument } from '#headless/write-document';
import { openTestEngine } from './engine-host';
import { openTestQueue } from './test-queue';

const [role, disk] = process.argv.slice(2);

/** Takes the rest of the disk, to the last byte. @returns gives it back */
function fillDisk(): () => void {
  const file = join(disk, 'filler');
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch {
      continue; // full for this size; go on with half of it
    }
  }
  return () => rmSync(file);
}

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return 'stored';
  } catch (error) {
    return toWire(error).code;
  }
}

async function objects(): Promise<unknown> {
  const folder = join(disk, 'objects');
  const store = openObjectStore(folder, TEST_KEY);
  const first = randomBytes(3e6);
  const { hash } = await store.putObject([first]);
  const code = await codeOf(() => store.putObject([randomBytes(6e6)]));
  const temporary = readdirSync(folder, { recursive: true }).filter((name) => String(name).includes('.tmp-'));
  const intact = Buffer.from(await store.getObject(hash)).equals(first);
  await store.remove(hash);
  const afterwards = await codeOf(() => store.putObject([randomBytes(6e6)]));
  return { code, temporary, intact, afterwards };
}

async function database(): Promise<unknown> {
  const file = join(disk, 'workspace.db');
  const open = createDatabase({ file, key: TEST_KEY, migrations: writerMigrations });
  const insert = open.prepare('INSERT INTO written (run, k, v) VALUES (?, ?, 0.5)');
  let stored = 0;
  const write = (): void => {
    inTransaction(open, () => {
      for (let k = 0; k < 50; k++) insert.run(stored + 1, k);
    });
    stored++;
  };
  const makeRoom = fillDisk();
  const code = await codeOf(() => {
    for (;;) write();
  });
  const count = open.prepare<[], number>('SELECT count(*) FROM written').pluck();
  const readable = count.get() === stored * 50;
  makeRoom();
  const afterwards = await codeOf(write);
  open.close();
  const again = openDatabase({ file, key: TEST_KEY, migrations: writerMigrations });
  const intact = again.pragma('integrity_check', { simple: true }) === 'ok';
  const kept = again.prepare('SELECT count(*) FROM written').pluck().get() === stored * 50;
  return { code, readable, afterwards, intact, kept };
}

async function queue(): Promise<unknown> {
  const refused = Promise.withResolvers<void>();
  const log = { ...silentLog, error: () => refused.resolve() };
  const host = await openTestQueue({ folder: disk, log });
  const job = host.order({ do: 'sum', steps: 40, seed: 1 });
  for await (const event of host.queue.events(job, 0)) if (event.type === 'progress') break;
  const makeRoom = fillDisk();
  const refusedOrder = await codeOf(() => host.order({ do: 'echo', value: 1 }));
  await refused.promise;
  makeRoom();
  const { status, error } = await host.queue.waitFor(job);
  const next = await host.queue.waitFor(host.order({ do: 'echo', value: 1 }));
  await host.close();
  return { refusedOrder, status, code: error?.code, next: next.status };
}

async function document(): Promise<unknown> {
  const folder = join(disk, 'reports');
  const bytes = { filename: 'report.pdf', text: randomBytes(3e6).toString('base64'), encoding: 'base64' as const };
  await writeDocument(`${folder}/`, { ...bytes, filename: 'first.pdf' });
  await writeDocument(`${folder}/`, { ...bytes, filename: 'second.pdf' });
  const code = await codeOf(() => writeDocument(`${folder}/`, bytes));
  const left = readdirSync(folder).filter((name) => name !== 'first.pdf' && name !== 'second.pdf');
  rmSync(join(folder, 'first.pdf'));
  const afterwards = await codeOf(() => writeDocument(`${folder}/`, bytes));
  return { code, left, afterwards };
}

/** The whole engine: one state for everybody, reading goes on, what is refused is refused before it begins, and it ends by itself. */
async function engine(): Promise<unknown> {
  const host = await openTestEngine({ workspace: join(disk, 'workspace') });
  const { client } = host;
  await host.finished((await client.datasets.generate({ name: 'before' })).job);
  const before = await client.system.storage({});
  const told: string[] = [];
  const follower = new AbortController();
  const following = (async () => {
    for await (const { noun } of await client.system.changes({ after: 0 }, { signal: follower.signal }))
      told.push(noun);
  })();
  const makeRoom = fillDisk();
  const refused = await codeOf(() => client.datasets.generate({ name: 'during' }));
  const { state, message } = await client.system.storage({});
  const jobsThen = (await client.jobs.list({})).total;
  // Refused at the door: nothing was tried.
  const again = await codeOf(() => client.backups.create({}));
  const read = await codeOf(() => client.datasets.list({}));
  const watched = await codeOf(() => client.portfolios.list({}));
  const full = { state, explains: message?.includes('goes on by itself') };
  makeRoom();
  while ((await client.system.storage({})).state === 'full') await new Promise((resolve) => setTimeout(resolve, 50));
  const afterwards = await host.finished((await client.datasets.generate({ name: 'after' })).job);
  const recorded = (await client.audit.list({ action: 'storage.was-full' })).entries.length;
  const accesses = (await client.audit.accesses({})).total;
  follower.abort();
  await following.catch(() => {});
  await host[Symbol.asyncDispose]();
  return {
    before: before.state,
    refused,
    full,
    again,
    read,
    watched,
    jobsThen,
    afterwards: afterwards.status,
    recorded,
    accesses,
    told: told.filter((noun) => noun === 'storage').length,
  };
}

const roles: Record<string, () => Promise<unknown>> = { objects, database, queue, document, engine };
console.info(JSON.stringify(await roles[role]()));
