/**
 * How much memory a worker may take, and how much it takes. V8's own limit does not see buffers, which is what data and
 * tensors live in, so the process is measured from outside.
 */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { WorkerRole } from '#contract/jobs';
import type { WorkerJobName } from '#contract/worker-messages';

const GIBIBYTE = 2 ** 30;
/** What is left for the host, the screen and the system. */
const SHARE = 0.8;

/** Bytes at most, and never more than the share. Files of strangers are read with little; models are answered and reports drawn with little. */
const MOST: Readonly<Record<WorkerRole, number>> = {
  import: 4 * GIBIBYTE,
  report: 4 * GIBIBYTE,
  inference: 8 * GIBIBYTE,
  research: Infinity,
  training: Infinity,
};

const ROLES: Readonly<Partial<Record<WorkerJobName, WorkerRole>>> = {
  'preview-source': 'import',
  'import-prices': 'import',
  'render-report': 'report',
  'serve-models': 'inference',
};

/** The kind of worker that does a job; all but a few are research. */
export function roleOfWorker(name: WorkerJobName): WorkerRole {
  return ROLES[name] ?? 'research';
}

/** Resident bytes after which a worker of this kind is ended. */
export function memoryLimitOf(role: WorkerRole): number {
  return Math.floor(Math.min(MOST[role], SHARE * totalmem()));
}

/** Resident bytes of a process; null where the system does not tell (only Linux does, in /proc), or it is gone. */
export function residentBytes(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
}
