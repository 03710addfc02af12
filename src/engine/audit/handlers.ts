/** The operations of `contract/audit.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { AccessLog } from '../privacy/access-log';
import type { AuditLog } from './audit-log';

export function createAuditHandlers(audit: AuditLog, accesses: AccessLog): HandlersOf<'audit'> {
  return {
    list: async (filter) => {
      const { rows, total } = audit.list(filter);
      const entries = rows.map(({ seq, at, actor, action, object, detail }) => ({
        seq,
        at: instant(at),
        actor,
        action,
        object,
        detail: JSON.parse(detail) as Record<string, unknown>, // the log writes objects only
      }));
      return { entries, total };
    },
    verify: async (_input, { signal }) => {
      const started = performance.now();
      const verdict = await audit.verify(signal);
      return { ...verdict, ms: Math.round(performance.now() - started) };
    },
    accesses: async (page) => {
      const { rows, total } = accesses.list(page);
      return { accesses: rows.map(({ at, ...access }) => ({ ...access, at: instant(at) })), total };
    },
  };
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
