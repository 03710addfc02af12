/**
 * How much memory a worker may take, and how much it takes. V8's own limit does not see buffers, which is what data and
 * tensors live in, so the process is measured from outside.
 */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { WorkerJobName } from '#contract/worker-messages';

const GIBIBYTE = 2 ** 30;
/** What is left for the host, the screen and the system. */
const SHARE = 0.8;
/** Files of strangers are read with less. */
const READERS: ReadonlySet<WorkerJobName> = new Set<WorkerJobName>(['preview-source', 'import-prices']);
const READER_BYTES = 4 * GIBIBYTE;

/** Resident bytes after which a worker of this job is ended. */
export function memoryLimitOf(name: WorkerJobName): number {
  const most = SHARE * totalmem();
  return READERS.has(name) ? Math.min(READER_BYTES, most) : most;
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
