/**
 * What is asked of the privacy configuration before a call, and what is written down after it: commands go into the audit log, reads of sensitive kinds into the access log. Of what was said only a
 * hash is kept, so that the logs hold no portfolio and no secret.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '#base/canonical-json';
import type { ErrorCode } from '#base/errors';
import type { OperationMeta } from '#contract/operation';
import type { AuditLog } from '../audit/audit-log';
import type { PrivacyService } from '../privacy/privacy-service';
import type { StorageMonitor } from '../store/storage-monitor';
import type { Caller } from './router';

export interface FinishedCall {
  /** `runs.start` */
  readonly operation: string;
  readonly meta: Partial<OperationMeta>;
  readonly caller: Caller;
  readonly input: unknown;
  /** Undefined where it failed. */
  readonly answer: unknown;
  readonly code: 'OK' | ErrorCode;
}

export interface CallWatch {
  /** Errors: FORBIDDEN for an export where exports are switched off; DISK_FULL for what would begin something while the disk is full; READ_ONLY. */
  admit(operation: string, meta: Partial<OperationMeta>): void;
  record(call: FinishedCall): void;
}

/** Fields that name what a call is about, the first that is there wins. */
const OBJECT_FIELDS = [
  'run',
  'dataset',
  'portfolio',
  'model',
  'flow',
  'schedule',
  'backup',
  'report',
  'token',
  'job',
  'id',
  'name',
];

/** Commands that leave the workspace as it is. */
const HARMLESS: ReadonlySet<string> = new Set(['system.shutdown', 'backups.verify', 'runs.plan']);

export function createCallWatch(
  audit: AuditLog,
  privacy: Pick<PrivacyService, 'accesses' | 'requireExport'>,
  storage: Pick<StorageMonitor, 'refused' | 'requireRoom'>,
): CallWatch {
  function record({ operation, meta, caller, input, answer, code }: FinishedCall): void {
    if (code === 'DISK_FULL') storage.refused();
    const object = (meta.secret === true ? undefined : objectOf(answer)) ?? objectOf(input) ?? '';
    if (meta.scope !== 'read') {
      const detail = { transport: caller.transport, code, ...(meta.secret === true ? {} : { input: hashOf(input) }) };
      audit.append({ actor: caller.actor, action: operation, object, detail });
    } else if (meta.sensitive === true && code === 'OK') {
      privacy.accesses.append({
        actor: caller.actor,
        transport: caller.transport,
        operation,
        object: objectOf(input) ?? object,
      });
    }
  }

  return {
    admit(operation, meta) {
      const isChange = meta.scope === 'train' || meta.scope === 'execute';
      if (isChange && !HARMLESS.has(operation)) storage.requireRoom(meta.whenFull === true);
      if (meta.scope === 'export') privacy.requireExport(operation);
    },
    record,
  };
}

function objectOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const field of OBJECT_FIELDS) {
    const found: unknown = Reflect.get(value, field);
    if (typeof found === 'string') return found;
  }
  return undefined;
}

/** SHA-256 of the input as canonical JSON; a file counts as its name and size. */
function hashOf(input: unknown): string {
  const plain = JSON.stringify(input ?? null, (_key, value: unknown) =>
    value instanceof File ? { file: value.name, bytes: value.size } : value,
  );
  return createHash('sha256')
    .update(canonicalJson(JSON.parse(plain)))
    .digest('hex');
}
