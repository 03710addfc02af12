/**
 * What the fault machines do to the product: operations that promise something, and the check that every promise still
 * holds after a crash. Preparing, doing and checking all use the product's own code; the check is its real start-up.
 */
import { join } from 'node:path';
import { silentLog } from '#base/log';
import type { KeyStore } from '#engine/host';
import { openWorkspace, type Workspace } from '#engine/store/workspace';
import { TEST_KEY } from '../support/store-schemas';

/** Ways to take one protection away. A machine that finds nothing under its own sabotage is broken. */
export type Sabotage = 'none' | 'synchronous-normal' | 'promise-first';

export interface Run {
  /** Everything of the operation is below this folder. */
  readonly root: string;
  readonly sabotage: Sabotage;
  /** Called as soon as the product has promised a fact. */
  promise(fact: string): void;
  /** The product waits for room on a disk that is full for ever: nothing more will happen. */
  stuck(): void;
}

export interface Operation {
  readonly name: string;
  /** Makes the state from which the operation starts. */
  prepare(root: string): Promise<void>;
  run(run: Run): Promise<void>;
  /** Everything that is wrong with a folder in which these facts were promised before it was struck. */
  complaints(root: string, promised: readonly string[]): Promise<string[]>;
}

export function fixedKeys(key: Uint8Array = TEST_KEY): KeyStore {
  const found = { key, source: 'environment' as const };
  return { read: async () => found, create: async () => found };
}

export function workspaceOf(root: string): string {
  return join(root, 'workspace');
}

/** A long day in short: the write-ahead log is folded into the database after a few pages already. */
const PAGES_PER_CHECKPOINT = 12;

export async function openFor({ root, sabotage }: Pick<Run, 'root' | 'sabotage'>): Promise<Workspace> {
  const workspace = await openWorkspace({
    folder: workspaceOf(root),
    keys: fixedKeys(),
    log: silentLog,
    now: () => Date.now(),
  });
  workspace.database.pragma(`wal_autocheckpoint = ${PAGES_PER_CHECKPOINT}`);
  if (sabotage === 'synchronous-normal') workspace.database.pragma('synchronous = NORMAL');
  return workspace;
}

/** Opens the workspace as the product does, lets `look` add complaints, and looks at everything that is stored. */
export async function inspect(root: string, look: (workspace: Workspace) => readonly string[]): Promise<string[]> {
  let workspace: Workspace;
  try {
    workspace = await openFor({ root, sabotage: 'none' });
  } catch (error) {
    return [`does not start: ${String(error)}`];
  }
  try {
    const state = workspace.database.pragma('integrity_check', { simple: true });
    const found = [...(state === 'ok' ? [] : [`integrity: ${String(state)}`]), ...look(workspace)];
    const hashes = workspace.database.prepare<[], string>('SELECT hash FROM referenced_objects').pluck().all();
    for (const hash of hashes) {
      await workspace.objects.getObject(hash).catch((error: unknown) => found.push(`object ${hash}: ${String(error)}`));
    }
    return found;
  } catch (error) {
    return [`cannot be read: ${String(error)}`];
  } finally {
    workspace.close();
  }
}
