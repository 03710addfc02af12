/** What a person is told when the store fails under a running engine: a store error with its own code, never INTERNAL. */
import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTestEngine } from '../support/engine-host';

test('a result object with one changed byte is reported as damage, and nothing is deleted', async () => {
  await using host = await openTestEngine();
  await host.finished((await host.client.datasets.generate({})).job);
  const objects = join(host.workspace, 'objects');
  const files = readdirSync(objects, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of files) {
    const descriptor = openSync(file, 'r+');
    writeSync(descriptor, Uint8Array.of(0xff), 0, 1, Math.floor(statSync(file).size / 2));
    writeSync(descriptor, Uint8Array.of(0x00), 0, 1, Math.floor(statSync(file).size / 2) + 1);
    closeSync(descriptor);
  }
  await expect(host.client.datasets.assets({ dataset: 'sample' })).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
  for (const file of files) expect(statSync(file).size).toBeGreaterThan(0);
});
