/**
 * A host that works until it is killed: `node script.mjs ROOT`. Jobs, artifacts and settings side by side, each promised
 * on stdout as `<kind> <what>` once the product has stored it.
 */
import { writeSync } from 'node:fs';
import { inTransaction } from '#engine/store/database';
import { openTestQueue } from '../support/test-queue';

const [root] = process.argv.slice(2);
const host = await openTestQueue({ folder: root });
const { database, objects } = host.workspace;

function promise(fact: string): void {
  writeSync(1, `${fact}\n`);
}

async function runs(): Promise<never> {
  for (let seed = 1; ; seed++) {
    const job = host.order({ do: 'sum', steps: 3, seed });
    promise(`queued ${job}`);
    await host.queue.waitFor(job);
    promise(`succeeded ${job}`);
  }
}

async function artifacts(): Promise<never> {
  const insert = database.prepare('INSERT INTO uploads (id, name, hash, bytes, created_at) VALUES (?, ?, ?, ?, 1)');
  for (;;) {
    const text = crypto.randomUUID();
    const { hash, bytes } = await objects.putObject([Buffer.from(text.repeat(50))]);
    inTransaction(database, () => insert.run(text, 'artifact', hash, bytes));
    promise(`artifact ${hash}`);
  }
}

/** Each setting is two rows in one transaction. */
async function settings(): Promise<never> {
  const save = database.prepare(`INSERT INTO settings (name, value, updated_at) VALUES (?, '0', 1)`);
  for (;;) {
    const name = crypto.randomUUID();
    inTransaction(database, () => {
      save.run(`a-${name}`);
      save.run(`b-${name}`);
    });
    promise(`setting ${name}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

promise('ready');
await Promise.all([runs(), artifacts(), settings()]);
