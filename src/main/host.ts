/** The desktop's answer to everything that differs between hosts: Electron's folders, key seal and processes. */
import { join } from 'node:path';
import { app, Notification, safeStorage, utilityProcess, type UtilityProcess } from 'electron';
import type { Log } from '#base/log';
import { BUILD_INFO } from '#engine/build-info';
import type { Host } from '#engine/host';
import { createKeyStore } from '#engine/keys/key-store';
import { safeStorageKeys } from './safe-storage-keys';
import { utilityProcessLauncher } from './utility-process-worker';

export interface ElectronHostOptions {
  /** Absolute path of the built worker script. */
  readonly workerEntry: string;
  readonly log: Log;
  /** A job asks for the graphics card. */
  onGpuRequest(child: UtilityProcess): void;
}

/** Call after the application is ready: neither keyring nor processes can be used before. */
export function createElectronHost({ workerEntry, log, onGpuRequest }: ElectronHostOptions): Host {
  const folder = app.getPath('userData');
  const workspace = join(folder, 'workspace');
  const fallback = createKeyStore({
    workspace,
    configFolder: folder,
    environment: process.env,
    log,
    keychain: null,
  });
  return {
    kind: 'electron',
    reason: null,
    workspace,
    keys: safeStorageKeys({
      safeStorage,
      platform: process.platform,
      file: join(folder, 'workspace-key.sealed'),
      fallback,
      log,
    }),
    spawnWorker: utilityProcessLauncher({ app, fork: utilityProcess.fork, entry: workerEntry, log, onGpuRequest }),
    notify: ({ title, body, urgent }) => {
      if (Notification.isSupported()) new Notification({ title, body, urgency: urgent ? 'critical' : 'normal' }).show();
      else log.warn('This desktop shows no notifications.', { title });
    },
    log,
    environment: process.env,
    now: () => Date.now(),
    version: BUILD_INFO,
  };
}
