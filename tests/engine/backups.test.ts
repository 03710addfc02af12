/** Backups through the contract: what is listed can be restored, damage is found, and nothing is deleted that should stay. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outdated } from '#engine/backups/retention';
import { openTestEngine } from '../support/engine-host';
import { filesBelow, modeOf } from '../support/scratch';

async function engineWithData() {
  const host = await openTestEngine();
  await host.finished((await host.client.datasets.generate({ name: 'first' })).job);
  return host;
}

it('is listed when made, verified, and restored in one step; the state before is set aside', async () => {
  await using host = await engineWithData();
  const { client } = host;
  const made = await client.backups.create({});
  expect(made).toMatchObject({ reason: 'manual' });
  expect(made.objects).toBeGreaterThan(0);
  expect((await client.backups.list({})).backups).toEqual([made]);
  expect(await client.backups.verify({ backup: 'latest' })).toMatchObject({ backup: made.id, objects: made.objects });

  await host.finished((await client.datasets.generate({ name: 'second', seed: 2 })).job);
  expect((await client.datasets.list({})).datasets).toHaveLength(2);
  const restored = await client.backups.restore({ backup: made.id });
  expect(restored).toMatchObject({ backup: made.id, createdAt: made.createdAt });
  expect((await client.datasets.list({})).datasets.map(({ name }) => name)).toEqual(['first']);
  expect(await client.datasets.assets({ dataset: 'first' })).toBeDefined();
  expect(existsSync(join(restored.setAside, 'workspace.db'))).toBe(true);
  expect(readdirSync(join(restored.setAside, 'objects')).length).toBeGreaterThan(0);
  expect(await client.audit.verify({})).toMatchObject({ intact: true });
  expect((await client.system.health({})).status).toBe('ok');
});

it('survives its workspace: the backup folder alone is enough, and other users cannot read it', async () => {
  await using host = await engineWithData();
  const made = await host.client.backups.create({});
  const folder = join(host.workspace, 'backups', made.id);
  expect(filesBelow(folder).filter((file) => (modeOf(file) & 0o077) !== 0)).toEqual([]);
  expect(modeOf(folder)).toBe(0o700);
  for (const name of ['workspace.db', 'workspace.json', 'manifest.json'])
    expect(existsSync(join(folder, name))).toBe(true);
  // What is damaged in the workspace does not reach the rows of the backup.
  await host.finished((await host.client.datasets.generate({ name: 'later', seed: 3 })).job);
  expect(await host.client.backups.drill({ backup: made.id })).toMatchObject({ passed: true, backup: made.id });
  expect((await host.client.backups.list({})).lastDrill).toMatchObject({ passed: true });
  expect(readdirSync(host.workspace).filter((name) => name.startsWith('.drill'))).toEqual([]);
});

describe('a damaged backup', () => {
  it.each(['workspace.db', 'manifest.json', 'objects'])('is refused whatever is changed in it: %s', async (part) => {
    await using host = await engineWithData();
    const made = await host.client.backups.create({});
    const folder = join(host.workspace, 'backups', made.id);
    const file = part === 'objects' ? filesBelow(join(folder, 'objects'))[0] : join(folder, part);
    const bytes = readFileSync(file);
    bytes[Math.floor(bytes.length / 2)] ^= 1;
    writeFileSync(file, bytes);
    await expect(host.client.backups.verify({ backup: made.id })).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
    await expect(host.client.backups.restore({ backup: made.id })).rejects.toMatchObject({ code: 'WORKSPACE_DAMAGED' });
    expect((await host.client.backups.drill({ backup: made.id })).passed).toBe(false);
    expect((await host.client.datasets.list({})).datasets).toHaveLength(1);
  });

  it.each(['', 'nonsense', '../../etc', '0'.repeat(26), `${'0'.repeat(25)}/`])(
    'an unknown name is not found: %j',
    async (name) => {
      await using host = await openTestEngine();
      for (const call of [host.client.backups.verify, host.client.backups.restore, host.client.backups.drill]) {
        await expect(call({ backup: name })).rejects.toMatchObject({
          code: expect.stringMatching(/NOT_FOUND|BAD_REQUEST/),
        });
      }
    },
  );
});

describe('retention', () => {
  const HOUR = 3_600_000;
  const at = (ms: number) => ({ id: String(ms), createdAt: new Date(ms).toISOString() });

  it('keeps 24 hours, 30 days and 12 months of a backup every quarter of an hour for two years', () => {
    let kept: { id: string; createdAt: string }[] = [];
    const start = Date.UTC(2024, 0, 1);
    for (let quarter = 0; quarter < 2 * 365 * 24 * 4; quarter += 2) {
      kept.push(at(start + quarter * (HOUR / 4)));
      const gone = new Set(outdated(kept));
      kept = kept.filter(({ id }) => !gone.has(id));
    }
    const periods = (characters: number) => new Set(kept.map(({ createdAt }) => createdAt.slice(0, characters)));
    expect(kept.length).toBeLessThanOrEqual(24 + 30 + 12 + 4);
    expect(periods(13).size).toBeGreaterThanOrEqual(24);
    expect(periods(10).size).toBeGreaterThanOrEqual(30);
    expect(periods(7).size).toBe(12);
  });

  it('deletes nothing because a clock jumped, and never the newest', () => {
    const times = [0, 10 * 365, -3 * 365].map((days) => Date.UTC(2025, 5, 1) + days * 24 * HOUR);
    expect(outdated(times.map(at))).toEqual([]);
    expect(outdated([])).toEqual([]);
    const crowd = Array.from({ length: 40 }, (_, i) => at(Date.UTC(2025, 5, 1) + i * 1000));
    expect(outdated(crowd)).toHaveLength(36);
    expect(outdated(crowd)).not.toContain(crowd.at(-1)?.id);
  });
});
