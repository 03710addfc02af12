/** The operations of `contract/keys.ts`. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#base/errors';
import type { KeyState } from '#contract/keys';
import type { HandlersOf } from '../api/handlers';
import type { BackupService } from '../backups/backup-service';
import type { KeyStore } from '../host';
import type { Session } from '../session';
import { commitFileSync } from '../store/commit-file';
import { KEY_BYTES } from '../store/database';
import type { Workspace } from '../store/workspace';
import { createRecoveryKey, parseSealedKey, sealForRecovery } from './recovery-key';
import { rotateKey } from './rotate-key';

export interface KeyHandlerOptions {
  readonly workspace: Workspace;
  readonly keys: KeyStore;
  readonly backups: BackupService;
  readonly session: Session;
  /** UTC milliseconds. */
  now(): number;
}

export function createKeyHandlers({ workspace, keys, backups, session, now }: KeyHandlerOptions): HandlersOf<'keys'> {
  const { folder, keyring, keySource } = workspace;
  const recoveryFile = join(folder, 'recovery.json');
  const keeper = keySource === 'environment' ? null : (keys.keeper ?? null);

  function state(): KeyState {
    return {
      source: keySource,
      needsPassphrase: keySource === 'passphrase',
      needsKey: keeper === null,
      recoveryMadeAt: existsSync(recoveryFile) ? parseSealedKey(readFileSync(recoveryFile, 'utf8')).madeAt : null,
      earlierKeys: keyring.retired.length,
    };
  }

  function nextKey(given: string | undefined): Uint8Array {
    if (keeper !== null) return randomBytes(KEY_BYTES);
    if (given === undefined) {
      throw new AppError(
        'CONFLICT',
        'Expected the next key, because SEXTANT_KEY gives the present one and Sextant does not keep it; none was given. Give 64 hexadecimal digits, and set SEXTANT_KEY to them afterwards.',
      );
    }
    const next = Buffer.from(given, 'hex');
    if (next.equals(keyring.current)) throw new AppError('CONFLICT', 'Expected another key than the present one.');
    return next;
  }

  return {
    show: async () => state(),
    async rotate({ passphrase, key }) {
      const next = nextKey(key);
      if (keySource === 'passphrase' && passphrase === undefined) {
        throw new AppError(
          'WRONG_KEY',
          'Expected the passphrase of this workspace; none was given. Nothing was changed.',
        );
      }
      const { id } = await backups.create('before-change');
      const earlierKeys = keyring.retired.length + 1;
      return session.whileClosed(async (closed) => {
        await rotateKey({ folder, keyring: closed.keyring, next, keeper, passphrase, now: now() });
        if (keeper === null) closed.useKey(next);
        return { backup: id, state: { ...state(), earlierKeys } };
      });
    },
    async passphrase({ current, next }) {
      if (keeper?.changePassphrase === undefined) {
        throw new AppError(
          'CONFLICT',
          `Expected a workspace that a passphrase opens; the key of this one comes from: ${keySource}. Nothing was changed.`,
        );
      }
      await keeper.changePassphrase(current, next);
      return state();
    },
    async recovery() {
      const madeAt = new Date(now()).toISOString();
      const { text, recipient } = createRecoveryKey();
      commitFileSync(recoveryFile, sealForRecovery(keyring.current, recipient, madeAt));
      return { recoveryKey: text, madeAt };
    },
  };
}
