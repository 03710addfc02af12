/**
 * What may be done with a workspace only while nothing has it open: restoring, changing its key. The engine closes it,
 * keeps others out, lets the work be done and opens it again, whatever came of the work.
 */
import { AppError } from '#base/errors';
import type { KeyStore } from './host';
import type { Keyring } from './store/keyring';

/** A workspace that is closed and locked. */
export interface ClosedWorkspace {
  /** Absolute path. */
  readonly folder: string;
  readonly keyring: Keyring;
  readonly keys: KeyStore;
  /** Opens the workspace with this key from now on, where the key store can only know the one before. */
  useKey(key: Uint8Array): void;
}

export interface Session {
  /** Running jobs are interrupted and go on afterwards. Errors: those of the work, and of opening the workspace again. */
  whileClosed<T>(work: (closed: ClosedWorkspace) => Promise<T>): Promise<T>;
}

/** For an engine that nobody can open again. */
export const fixedSession: Session = {
  whileClosed: () =>
    Promise.reject(
      new AppError('UNAVAILABLE', 'Expected an engine that can open its workspace again; this one cannot.'),
    ),
};
