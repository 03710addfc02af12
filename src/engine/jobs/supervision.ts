/** What the supervisor's verdicts cause outside the queue: a line in the log, an entry in the audit log, and a warning for a person. */
import { toWire, type WireError } from '#base/errors';
import type { AlertService } from '../alerts/alert-service';
import type { AuditLog } from '../audit/audit-log';
import type { Host } from '../host';
import type { JobRow } from '../store/jobs-table';
import { Supervisor } from './supervisor';

/** Rules of the alerts that are raised here; they end with the person's decision. */
export const QUARANTINE_RULE = 'jobs.quarantine';
export const STOPPED_RULE = 'workers.stopped';

export interface SupervisionOptions {
  readonly audit: Pick<AuditLog, 'append'>;
  readonly alerts: Pick<AlertService, 'raise'>;
  readonly host: Pick<Host, 'log' | 'now'>;
}

export interface Supervision {
  readonly supervisor: Supervisor;
  /** Part of the transaction that puts the job into quarantine. */
  onQuarantine(job: JobRow, error: WireError): void;
}

export function createSupervision({ audit, alerts, host }: SupervisionOptions): Supervision {
  const supervisor = new Supervisor({
    now: () => host.now(),
    onStop(role, { message, data }) {
      host.log.error('Workers of a kind were stopped.', { component: 'jobs', role, found: message });
      try {
        audit.append({ actor: 'sextant', action: 'workers.stopped', object: role, detail: data ?? {} });
        alerts.raise({ rule: STOPPED_RULE, severity: 'critical', subject: role, message });
      } catch (error) {
        // Told by the end of a worker, which must be stored although this cannot be.
        host.log.error('That workers were stopped could not be recorded.', { role, found: toWire(error).message });
      }
    },
  });
  return {
    supervisor,
    onQuarantine({ id }, { message, data }) {
      host.log.error('A job went into quarantine.', { component: 'jobs', job: id, found: message });
      audit.append({ actor: 'sextant', action: 'job.quarantined', object: id, detail: data ?? {} });
      alerts.raise({ rule: QUARANTINE_RULE, severity: 'warning', subject: id, message });
    },
  };
}
