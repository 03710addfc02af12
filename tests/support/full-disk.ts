/** Fills a small disk with objects until it is full, then makes room and goes on: `node script.mjs FOLDER`; answers with one JSON line. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readdirSync } from 'node:fs';
import { toWire } from '#base/errors';
import { openObjectStore } from '#engine/store/object-store';
import { TEST_KEY } from './store-schemas';

const folder = join(process.argv[2], 'objects');
const store = openObjectStore(folder, TEST_KEY);
const first = randomBytes(3e6);
const { hash } = await store.putObject([first]);
const code = await store.putObject([randomBytes(6e6)]).then(
  () => 'stored',
  (error: unknown) => toWire(error).code,
);
const temporary = readdirSync(folder, { recursive: true }).filter((name) => String(name).includes('.tmp-'));
const intact = Buffer.from(await store.getObject(hash)).equals(first) ? 'intact' : 'changed';
await store.remove(hash);
const afterwards = await store.putObject([randomBytes(6e6)]).then(
  () => 'stored',
  (error: unknown) => toWire(error).code,
);
console.info(JSON.stringify({ code, temporary, first: intact, afterwards }));
