/**
 * The state of the disk, told to everybody whom it concerns: the screen by the feed of changes, a person by an alert, the audit log once
 * it can be written again. What had to wait for room is stored as soon as there is some.
 */
import { toWire } from '#base/errors';
import type { AlertService } from '../alerts/alert-service';
import type { AuditLog } from '../audit/audit-log';
import type { ChangeFeed } from '../events';
import type { Host } from '../host';
import type { AccessLog } from '../privacy/access-log';
import { createStorageMonitor, readOnlyStorage, type StorageMonitor } from '../store/storage-monitor';

/** Rule of the alert that is open while the disk is nearly full or full. */
export const STORAGE_RULE = 'storage.room';

export interface StorageWatchOptions {
  readonly folder: string;
  readonly host: Pick<Host, 'log' | 'now' | 'shows'>;
  readonly changes: Pick<ChangeFeed, 'publish'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly alerts: Pick<AlertService, 'raise' | 'resolve'>;
  readonly accesses: Pick<AccessLog, 'flush'>;
}

/** The storage of an opened workspace; where it is only shown, everything that would change it is refused. */
export function openStorage(options: StorageWatchOptions): StorageMonitor {
  const { folder, host, changes, audit, alerts, accesses } = options;
  if (host.shows !== undefined) return readOnlyStorage(host.shows, host.now());

  /** A full disk refuses this too; the next change of state tries again. */
  function attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      host.log.warn('The state of the disk could not be recorded.', { found: toWire(error).message });
    }
  }

  return createStorageMonitor({
    folder,
    log: host.log,
    now: () => host.now(),
    onChange({ state, message }, before) {
      changes.publish({ noun: 'storage', id: '', action: 'updated' });
      if (state !== 'full') attempt(() => accesses.flush());
      if (before.state === 'full') {
        const detail = { from: new Date(before.since).toISOString() };
        attempt(() => audit.append({ actor: 'sextant', action: 'storage.was-full', object: '', detail }));
      }
      const severity = state === 'full' ? 'critical' : 'warning';
      attempt(() => {
        if (message === null) alerts.resolve(STORAGE_RULE, '');
        else alerts.raise({ rule: STORAGE_RULE, severity, subject: '', message });
      });
    },
  });
}
