/** Another key, another passphrase, the audit log and checkpoints, for the fault machines. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '#base/log';
import { createAuditLog } from '#engine/audit/audit-log';
import type { KeyStore } from '#engine/host';
import { createKeyStore } from '#engine/keys/key-store';
import { rotateKey } from '#engine/keys/rotate-key';
import { insertJob, loadCheckpoint, saveCheckpoint } from '#engine/store/jobs-table';
import { openWorkspace, type Workspace } from '#engine/store/workspace';
import { inspect, openFor, workspaceOf, type Operation } from './operation';

function keysOf(root: string, environment: Record<string, string> = {}): KeyStore {
  const configFolder = join(root, 'config');
  return createKeyStore({ workspace: workspaceOf(root), configFolder, environment, log: silentLog, keychain: null });
}

function open(root: string, keys: KeyStore): Promise<Workspace> {
  return openWorkspace({ folder: workspaceOf(root), keys, log: silentLog, now: () => 1 });
}

async function withArtifact(root: string, keys: KeyStore): Promise<void> {
  const workspace = await open(root, keys);
  const { hash, bytes } = await workspace.objects.putObject([Buffer.from('precious'.repeat(100))]);
  workspace.database
    .prepare(`INSERT INTO uploads (id, name, hash, bytes, created_at) VALUES ('U', 'precious', ?, ?, 1)`)
    .run(hash, bytes);
  workspace.close();
}

/** What is wrong with the workspace under these keys. */
async function complaintsUnder(root: string, keys: KeyStore, look: (workspace: Workspace) => readonly string[]) {
  try {
    const workspace = await open(root, keys);
    try {
      const hash = workspace.database.prepare<[], string>('SELECT hash FROM uploads').pluck().get() ?? '';
      await workspace.objects.getObject(hash);
      const state = workspace.database.pragma('integrity_check', { simple: true });
      return [...(state === 'ok' ? [] : [`integrity: ${String(state)}`]), ...look(workspace)];
    } finally {
      workspace.close();
    }
  } catch (error) {
    return [`does not start: ${String(error)}`];
  }
}

/** Another key: the old one or the new one opens everything, and the key store has it. */
const rotate: Operation = {
  name: 'rotate-key',
  prepare: (root) => withArtifact(root, keysOf(root)),
  async run({ root, promise }) {
    const keys = keysOf(root);
    const workspace = await open(root, keys);
    const { folder, keyring } = workspace;
    workspace.close();
    const next = randomBytes(32);
    await rotateKey({ folder, keyring, next, keeper: keys.keeper ?? null, passphrase: undefined, now: 1 });
    promise('rotated');
  },
  complaints: (root, promised) =>
    complaintsUnder(root, keysOf(root), ({ keyring }) =>
      promised.includes('rotated') && keyring.retired.length === 0 ? ['the key is still the old one'] : [],
    ),
};

/** Another passphrase: exactly one of the two opens. */
const passphrase: Operation = {
  name: 'passphrase',
  prepare: (root) => withArtifact(root, keysOf(root, { SEXTANT_PASSPHRASE: 'before' })),
  async run({ root, promise }) {
    await keysOf(root, { SEXTANT_PASSPHRASE: 'before' }).keeper?.changePassphrase?.('before', 'after');
    promise('changed');
  },
  async complaints(root, promised) {
    const under = (text: string) => complaintsUnder(root, keysOf(root, { SEXTANT_PASSPHRASE: text }), () => []);
    const after = await under('after');
    if (after.length === 0) return [];
    return promised.includes('changed') ? after : under('before');
  },
};

/** Audit rows and the anchors outside the database. */
const audit: Operation = {
  name: 'audit',
  async prepare(root) {
    (await openFor({ root, sabotage: 'none' })).close();
  },
  async run(run) {
    const { database, folder, close } = await openFor(run);
    const log = createAuditLog({ database, folder, log: silentLog, now: () => 1 });
    for (let n = 1; n <= 5; n++) {
      log.append({ actor: 'me', action: 'did', object: String(n) });
      log.anchor();
      run.promise(String(n));
    }
    log.close();
    close();
  },
  async complaints(root, promised) {
    const found = await inspect(root, () => []);
    if (found.length > 0) return found;
    const { database, folder, close } = await openFor({ root, sabotage: 'none' });
    const log = createAuditLog({ database, folder, log: silentLog, now: () => 1 });
    const verdict = await log.verify();
    const kept = log.list({ action: 'did', limit: 100, offset: 0 }).total;
    log.close();
    close();
    return [
      ...(verdict.intact ? [] : [`the audit log is not intact: ${JSON.stringify(verdict.fault)}`]),
      ...(kept < promised.length ? [`${kept} of ${promised.length} audit rows are left`] : []),
    ];
  },
};

/** A checkpoint of training: the newest that was promised, or a later one. */
const checkpoint: Operation = {
  name: 'checkpoint',
  async prepare(root) {
    mkdirSync(root, { recursive: true });
    const { database, close } = await openFor({ root, sabotage: 'none' });
    insertJob(database, { id: 'J', kind: 'run', subject: 'S', title: 't', payload: {}, createdAt: 1 });
    close();
  },
  async run(run) {
    const { database, close } = await openFor(run);
    for (let step = 1; step <= 8; step++) {
      saveCheckpoint(database, 'J', step, { step, weights: new Float64Array(800).fill(step) });
      run.promise(String(step));
    }
    close();
  },
  complaints: (root, promised) =>
    inspect(root, ({ database }) => {
      const state = loadCheckpoint(database, 'J') as { step: number; weights: Float64Array } | undefined; // what run() saves
      const step = state?.step ?? 0;
      const isWhole = state === undefined || state.weights.every((weight) => weight === step);
      return step >= promised.length && isWhole ? [] : [`checkpoint ${step} of ${promised.length}, whole: ${isWhole}`];
    }),
};

export const keyOperations: readonly Operation[] = [rotate, passphrase, audit, checkpoint];
