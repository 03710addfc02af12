/** What this program was built from; stored with every run. */
import type { Host } from './host';

export const BUILD_INFO: Host['version'] = {
  app: __SEXTANT_VERSION__,
  /** 40 hex digits, with `-modified` where the sources differ from that commit; null outside a git checkout. */
  gitCommit: __SEXTANT_GIT_COMMIT__,
  /** SHA-256 of package-lock.json. */
  lockHash: __SEXTANT_LOCK_HASH__,
};
