/** Making, removing and restoring backups, for the fault machines. */
import { backupFolder, backupIds, keysOf, readManifest, removeBackup } from '#engine/backups/backup-folder';
import { makeBackup } from '#engine/backups/make-backup';
import { restoreBackup } from '#engine/backups/restore-backup';
import { verifyFolder } from '#engine/backups/verify-backup';
import { inTransaction } from '#engine/store/database';
import type { Workspace } from '#engine/store/workspace';
import { inspect, openFor, workspaceOf, type Operation } from './operation';

async function store(workspace: Workspace, name: string): Promise<void> {
  const { database, objects } = workspace;
  const { hash, bytes } = await objects.putObject([Buffer.from(name.repeat(500))]);
  inTransaction(database, () => {
    database
      .prepare('INSERT INTO uploads (id, name, hash, bytes, created_at) VALUES (?, ?, ?, ?, 1)')
      .run(name, name, hash, bytes);
  });
}

async function backUp(workspace: Workspace, now: number): Promise<string> {
  const { folder, database, keyring } = workspace;
  return (await makeBackup({ folder, database, keyring, appVersion: 'test' }, 'manual', now)).id;
}

/** Complaints about backups that are listed and are none. */
async function badBackups(root: string, promised: readonly string[]): Promise<string[]> {
  const folder = workspaceOf(root);
  const workspace = await openFor({ root, sabotage: 'none' });
  const { keyring } = workspace;
  workspace.close();
  const ids = backupIds(folder);
  const found = promised.filter((id) => !ids.includes(id)).map((id) => `backup ${id} is lost`);
  for (const id of ids) {
    await verifyFolder(backupFolder(folder, id), keyring, { contents: 'all' }).catch((error: unknown) => {
      found.push(`backup ${id}: ${String(error)}`);
    });
  }
  return found;
}

const TIMES = 2;

/** A backup: what is listed under its own name can be restored. */
const backup: Operation = {
  name: 'backup',
  async prepare(root) {
    const workspace = await openFor({ root, sabotage: 'none' });
    await store(workspace, 'first');
    workspace.close();
  },
  async run(run) {
    const workspace = await openFor(run);
    for (let n = 1; n <= TIMES; n++) {
      run.promise(await backUp(workspace, n));
      await store(workspace, `more-${n}`);
    }
    workspace.close();
  },
  async complaints(root, promised) {
    const found = await inspect(root, () => []);
    return found.length > 0 ? found : badBackups(root, promised);
  },
};

/** Removing old backups: those that are left are whole. */
const prune: Operation = {
  name: 'prune',
  async prepare(root) {
    const workspace = await openFor({ root, sabotage: 'none' });
    await store(workspace, 'first');
    for (let n = 1; n <= 3; n++) await backUp(workspace, n);
    workspace.close();
  },
  async run(run) {
    const folder = workspaceOf(run.root);
    const [newest, ...older] = backupIds(folder);
    run.promise(newest);
    for (const id of older) removeBackup(folder, id);
  },
  complaints: (root, promised) => badBackups(root, promised),
};

/** A restore: the state before or that of the backup, never a mixture; afterwards that of the backup. */
const restore: Operation = {
  name: 'restore',
  async prepare(root) {
    const workspace = await openFor({ root, sabotage: 'none' });
    await store(workspace, 'first');
    await backUp(workspace, 1);
    await store(workspace, 'second');
    workspace.close();
  },
  async run(run) {
    const workspace = await openFor(run);
    const { folder, keyring } = workspace;
    workspace.close();
    const [id] = backupIds(folder);
    await restoreBackup({ folder, backup: backupFolder(folder, id), keyring, now: 1 });
    run.promise('restored');
  },
  complaints: (root, promised) =>
    inspect(root, ({ database, folder, keyring }) => {
      const names = database.prepare('SELECT name FROM uploads ORDER BY name').pluck().all().join(' ');
      const [id] = backupIds(folder);
      readManifest(backupFolder(folder, id), keysOf(keyring));
      const expected = promised.includes('restored') ? ['first'] : ['first', 'first second'];
      return expected.includes(names) ? [] : [`expected ${expected.join(' or ')}, found ${names}`];
    }),
};

export const backupOperations: readonly Operation[] = [backup, prune, restore];
