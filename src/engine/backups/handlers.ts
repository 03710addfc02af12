/** The operations of `contract/backups.ts`. */
import { AppError } from '#base/errors';
import type { HandlersOf } from '../api/handlers';
import type { Session } from '../session';
import { backupsFolder } from './backup-folder';
import { INTERVAL_MINUTES, type BackupService } from './backup-service';
import { restoreBackup } from './restore-backup';

export interface BackupHandlerOptions {
  readonly backups: BackupService;
  readonly session: Session;
  readonly folder: string;
  /** UTC milliseconds. */
  now(): number;
}

export function createBackupHandlers({ backups, session, folder, now }: BackupHandlerOptions): HandlersOf<'backups'> {
  return {
    list: async () => ({
      folder: backupsFolder(folder),
      backups: backups.list(),
      problem: backups.problem(),
      lastDrill: backups.lastDrill(),
      intervalMinutes: INTERVAL_MINUTES,
    }),
    create: async () => backups.create('manual'),
    verify: async ({ backup }) => backups.verify(backup),
    drill: async ({ backup }) => backups.drill(backup),
    salvage: () =>
      Promise.reject(
        new AppError(
          'CONFLICT',
          'Expected a damaged workspace; this one is read without an error. Make a backup instead.',
        ),
      ),
    restore: async ({ backup }) => {
      const path = backups.find(backup);
      await backups.verify(path.slice(-26));
      return session.whileClosed(async ({ keyring }) => {
        const { manifest, setAside } = await restoreBackup({ folder, backup: path, keyring, now: now() });
        return { backup: manifest.id, createdAt: manifest.createdAt, setAside };
      });
    },
  };
}
