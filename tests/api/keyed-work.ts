/**
 * A host that does keyed work until it is killed: `node script.mjs FOLDER KEY die|stay`. Twenty requests with one key are
 * sent to it; the work is one row, stored together with the answer. It says when it began, and what came of it.
 */
import { existsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { CallContext } from '#engine/api/handlers';
import { createIdempotencyKeys } from '#engine/api/idempotency';
import { createDatabase, inTransaction, openDatabase } from '#engine/store/database';
import { migrations } from '#engine/store/schema';
import { startApiHost } from '../support/api-host';
import { recordingHandlers } from '../support/recording-handlers';
import { TEST_KEY } from '../support/store-schemas';

const say = (line: string): void => void writeSync(1, `${line}\n`);

const [folder, key, mode] = process.argv.slice(2);
const file = join(folder, 'work.db');
const options = { file, key: TEST_KEY, migrations };
const database = existsSync(file) ? openDatabase(options) : createDatabase(options);
const insert = database.prepare<[string]>(`INSERT INTO settings (name, value, updated_at) VALUES (?, '0', 1)`);
const count = database.prepare<[string], number>(`SELECT count(*) FROM settings WHERE name LIKE ? || ':%'`).pluck();

const note = (_input: unknown, context: CallContext) => {
  const answer = { id: '01JDA3N6X7Q8R9S0T1V2W3X4Y5', note: key };
  inTransaction(database, () => {
    insert.run(`${key}:${crypto.randomUUID()}`);
    context.remember?.(answer);
  });
  return answer;
};

const host = await startApiHost(recordingHandlers([], { 'runs.note': note }), {
  idempotency: createIdempotencyKeys({ database, now: Date.now, days: () => 7 }),
});

const send = () =>
  host.fetch('/api/v1/runs/latest/note', {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ note: key }),
  });

if (mode === 'die') {
  say('began');
  for (;;) await Promise.all(Array.from({ length: 20 }, async () => (await send()).arrayBuffer()));
} else {
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const response = await send();
      await response.arrayBuffer();
      return response.status;
    }),
  );
  const last = (await send()).status;
  say(`outcome ${last} ${count.get(key) ?? 0} ${statuses.join(',')}`);
  await host[Symbol.asyncDispose]();
  database.close();
}
