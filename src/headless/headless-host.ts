/** The host without a window: key from keychain, passphrase or file; workers as Node child processes. */
import type { Log } from '#base/log';
import { BUILD_INFO } from '#engine/build-info';
import type { Host } from '#engine/host';
import { childProcessLauncher } from './child-process-worker';
import { createKeyStore } from '#engine/keys/key-store';
import { systemKeychain } from '#engine/keys/keychain';
import type { Terminal } from './terminal';
import { configFolder } from './workspace';

export interface HeadlessHostOptions {
  readonly workspace: string;
  /** Absolute path of the built worker script. */
  readonly workerEntry: string;
  readonly terminal: Pick<Terminal, 'environment' | 'askSecret'>;
  readonly log: Log;
  /** Why there is no desktop window, where one was wanted. */
  readonly reason: string | null;
}

export async function createHeadlessHost(options: HeadlessHostOptions): Promise<Host> {
  const { workspace, workerEntry, terminal, log, reason } = options;
  const { askSecret, environment } = terminal;
  const wantsKeychain = environment.SEXTANT_KEY === undefined && environment.SEXTANT_PASSPHRASE === undefined;
  return {
    kind: 'headless',
    reason,
    workspace,
    keys: createKeyStore({
      workspace,
      configFolder: configFolder(environment),
      environment,
      log,
      keychain: wantsKeychain ? await systemKeychain() : null,
      // A new workspace gets a key of its own without a question; who wants a passphrase sets SEXTANT_PASSPHRASE.
      ...(askSecret === undefined
        ? {}
        : {
            askPassphrase: async (purpose) =>
              purpose === 'open' ? askSecret(`Passphrase of ${workspace}: `) : Promise.resolve(null),
          }),
    }),
    spawnWorker: childProcessLauncher({ entry: workerEntry, log }),
    log,
    environment: process.env,
    now: () => Date.now(),
    version: BUILD_INFO,
  };
}
