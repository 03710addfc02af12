/** A damaged database: nothing is changed or made anew, the way back is open, and what can be read is saved. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openReadOnly } from '#engine/store/database';
import { openTestEngine, TEST_ENGINE_KEY } from '../support/engine-host';
import { scratchFolder } from '../support/scratch';

const PAGE = 4096;

async function prepared(): Promise<{ workspace: string; backup: string }> {
  const workspace = join(scratchFolder(), 'workspace');
  await using host = await openTestEngine({ workspace });
  await host.finished((await host.client.datasets.generate({ name: 'first' })).job);
  const { id } = await host.client.backups.create({});
  await host.finished((await host.client.datasets.generate({ name: 'second', seed: 2 })).job);
  return { workspace, backup: id };
}

/** Overwrites some bytes of each of these pages (from 0). */
function damage(file: string, pages: readonly number[]): void {
  const descriptor = openSync(file, 'r+');
  for (const page of pages) writeSync(descriptor, Buffer.alloc(64, 0x5a), 0, 64, page * PAGE + 1000);
  closeSync(descriptor);
}

/** Pages of a table (from 0), so that the damage lies where it is meant, whatever other tables there are. */
function pagesOf(file: string, table: string): number[] {
  const database = openReadOnly({ file, key: TEST_ENGINE_KEY });
  const pages = database
    .prepare<[string], number>('SELECT pageno - 1 FROM dbstat WHERE name = ? ORDER BY pageno')
    .pluck();
  try {
    return pages.all(table);
  } finally {
    database.close();
  }
}

describe('a damaged first page', () => {
  it('leaves every byte as it is, says so, and a backup is restored in one step', async () => {
    const { workspace, backup } = await prepared();
    const file = join(workspace, 'workspace.db');
    damage(file, [0]);
    const before = readFileSync(file);
    await using host = await openTestEngine({ workspace });
    expect(await host.client.system.health({})).toMatchObject({ status: 'failing', store: 'failed' });
    await expect(host.client.datasets.list({})).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
    await expect(host.client.datasets.generate({})).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
    await expect(host.client.backups.salvage({})).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
    expect(readFileSync(file).equals(before)).toBe(true);
    expect((await host.client.backups.list({})).backups.map(({ id }) => id)).toEqual([backup]);
    expect(await host.client.backups.verify({ backup: 'latest' })).toMatchObject({ backup });
    const { setAside } = await host.client.backups.restore({ backup });
    expect(readFileSync(join(setAside, 'workspace.db')).equals(before)).toBe(true);
    expect((await host.client.datasets.list({})).datasets.map(({ name }) => name)).toEqual(['first']);
    expect(await host.client.system.health({})).toMatchObject({ status: 'ok' });
  });
});

describe('damage that is met while the program runs', () => {
  it('closes the workspace to changes; what can be read is saved and can be restored', async () => {
    const { workspace } = await prepared();
    const file = join(workspace, 'workspace.db');
    damage(file, pagesOf(file, 'datasets').slice(-3));
    await using host = await openTestEngine({ workspace });
    const { client } = host;
    // Somebody reads everything sooner or later.
    await client.backups.create({}).catch(() => {});
    await vi.waitFor(async () => expect((await client.system.health({})).store).toBe('failed'), {
      timeout: 10_000,
      interval: 50,
    });
    await expect(client.jobs.list({})).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
    const before = readFileSync(file);
    const { backup, tables } = await client.backups.salvage({});
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(backup.reason).toBe('salvage');
    expect(tables.some(({ isWhole }) => !isWhole)).toBe(true);
    expect(tables.find(({ table }) => table === 'jobs')?.rows).toBeGreaterThan(0);
    await client.backups.restore({ backup: backup.id });
    expect(await client.system.health({})).toMatchObject({ status: 'ok' });
    expect((await client.jobs.list({})).total).toBeGreaterThan(0);
    await expect(client.backups.salvage({})).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
