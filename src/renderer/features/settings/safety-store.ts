/** Backups and the key as the screen holds them. A recovery key is shown once and kept nowhere. */
import { create } from 'zustand';
import type { Backup, Drill } from '#contract/backups';
import type { KeyState } from '#contract/keys';
import { client, toAppError } from '#renderer/app/client';
import { onChange } from '#renderer/app/live-store';
import { EMPTY_REMOTE, readInto, type Remote } from '#renderer/app/remote';
import type { AppError } from '#base/errors';

export interface BackupList {
  readonly folder: string;
  readonly backups: readonly Backup[];
  readonly problem: string | null;
  readonly lastDrill: Drill | null;
  readonly intervalMinutes: number;
}

interface SafetyState {
  readonly backups: Remote<BackupList>;
  readonly keys: Remote<KeyState>;
  /** What is being done; null while nothing is. */
  readonly doing: string | null;
  readonly failure: AppError | null;
  readonly done: string | null;
  readonly recoveryKey: string | null;
}

export const useSafety = create<SafetyState>(() => ({
  backups: EMPTY_REMOTE,
  keys: EMPTY_REMOTE,
  doing: null,
  failure: null,
  done: null,
  recoveryKey: null,
}));

export async function readBackups(): Promise<void> {
  await readInto(
    useSafety.getState().backups,
    () => client().backups.list({}),
    (backups) => useSafety.setState({ backups }),
  );
}

export async function readKeys(): Promise<void> {
  await readInto(
    useSafety.getState().keys,
    () => client().keys.show({}),
    (keys) => useSafety.setState({ keys }),
  );
}

/** Keeps the list current. @returns stops it */
export function followBackups(): () => void {
  void readBackups();
  return onChange('backups', () => void readBackups());
}

async function act(doing: string, work: () => Promise<string>): Promise<void> {
  if (useSafety.getState().doing !== null) return;
  useSafety.setState({ doing, failure: null, done: null });
  try {
    useSafety.setState({ done: await work() });
  } catch (error) {
    useSafety.setState({ failure: toAppError(error) });
  } finally {
    useSafety.setState({ doing: null });
    await Promise.all([readBackups(), readKeys()]);
  }
}

export const makeBackup = () =>
  act('Making a backup', async () => {
    const { rows, objects } = await client().backups.create({});
    return `Backed up and verified: ${rows} rows, ${objects} objects.`;
  });

export const drillBackup = (backup: string) =>
  act('Trying a restore', async () => {
    const { passed, detail } = await client().backups.drill({ backup });
    return passed ? `The backup can be restored: ${detail}` : `The backup cannot be restored: ${detail}`;
  });

export const restoreBackup = (backup: string) =>
  act('Restoring', async () => {
    const { setAside } = await client().backups.restore({ backup });
    return `Restored. The state before lies in ${setAside}.`;
  });

export const changePassphrase = (current: string, next: string) =>
  act('Changing the passphrase', async () => {
    await client().keys.passphrase({ current, next });
    return 'The new passphrase opens the workspace. Backups from before still open with the old one.';
  });

export const rotateKey = (secrets: { passphrase?: string; key?: string }) =>
  act('Changing the key', async () => {
    await client().keys.rotate(secrets);
    return 'The workspace has a new key.';
  });

export const makeRecoveryKey = () =>
  act('Making a recovery key', async () => {
    const { recoveryKey } = await client().keys.recovery({});
    useSafety.setState({ recoveryKey });
    return 'Print or write down the recovery key now. It is shown this once and stored nowhere.';
  });

export function forgetRecoveryKey(): void {
  useSafety.setState({ recoveryKey: null, done: null });
}
