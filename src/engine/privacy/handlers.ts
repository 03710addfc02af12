/** The operations of `contract/privacy.ts`. */
import { basename } from 'node:path';
import { AppError } from '#base/errors';
import type { HandlersOf } from '../api/handlers';
import type { PrivacyService } from './privacy-service';

export interface PrivacyHandlerOptions {
  readonly privacy: PrivacyService;
  readonly folder: string;
  /** Erases everything once the engine has closed, and stops the host; called after the answer has been given. */
  erase(): void;
}

export function createPrivacyHandlers({ privacy, folder, erase }: PrivacyHandlerOptions): HandlersOf<'privacy'> {
  return {
    show: async () => privacy.config(),
    configure: async ({ config }) => privacy.configure(config),
    retention: async () => {
      const { kinds, blocked } = privacy.retention.preview();
      return { kinds: [...kinds], blocked };
    },
    delete: async () => {
      const { proofs, blocked } = privacy.retention.delete();
      return { proofs: [...proofs], blocked };
    },
    connections: async (page) => {
      const { rows, total } = privacy.connections(page);
      return { connections: rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() })), total };
    },
    erase: async ({ confirm }) => {
      const name = basename(folder);
      if (confirm !== name) {
        throw new AppError(
          'BAD_REQUEST',
          `Expected the name of the workspace folder, "${name}", to confirm its erasure; found "${confirm}". Nothing was erased.`,
        );
      }
      setImmediate(erase);
      return { erasing: true as const, folder };
    },
  };
}
