/**
 * Runs a child under strace: to record what it does to the files of a folder, or to make its Nth call of a kind fail or
 * be its last. The shipped binary is tested as it is; nothing in it knows of this.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Calls by which a process changes files, or asks for them to be on the disk. */
const FILE_CALLS = [
  ...['openat', 'close', 'write', 'pwrite64', 'ftruncate', 'fsync', 'fdatasync'],
  ...['rename', 'link', 'unlink', 'mkdir', 'rmdir'],
];

/** Bytes of one write that are recorded; the replay refuses a record that was cut. */
const LONGEST_WRITE = 2 << 20;

/** Why calls cannot be traced here; null where they can. */
export function whyNoStrace(): string | null {
  if (process.platform !== 'linux') return 'strace exists on Linux only';
  const tried = spawnSync('strace', ['-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', 'true']);
  if (tried.error !== undefined) return 'strace is not installed (apt-get install strace)';
  return tried.status === 0 ? null : `strace may not trace here: ${String(tried.stderr).trim()}`;
}

export interface Traced {
  /** What the child wrote on stdout, whole lines. */
  readonly lines: readonly string[];
  /** strace's record. */
  readonly trace: string;
  readonly wasKilled: boolean;
}

function trace(options: readonly string[], record: string, command: readonly string[]): Promise<Traced> {
  return new Promise((resolve, reject) => {
    const child = spawn('strace', ['-f', '-qq', '-y', ...options, '-o', record, ...command], {
      stdio: ['ignore', 'pipe', 'ignore'],
      // One thread for file work: the order of calls is then nearly the same in every run.
      env: { ...process.env, UV_THREADPOOL_SIZE: '1', NODE_OPTIONS: '' },
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('close', (_code, signal) => {
      const lines = output.split('\n').slice(0, -1); // the last may have been cut short
      resolve({ lines, trace: readFileSync(record, 'latin1'), wasKilled: signal === 'SIGKILL' }); // strace ends as its child does
    });
  });
}

/** Records every call that can change a file, with its data in hexadecimal. */
export function recordCalls(record: string, command: readonly string[]): Promise<Traced> {
  return trace(
    ['--seccomp-bpf', '-xx', '-s', String(LONGEST_WRITE), '-e', `trace=${FILE_CALLS.join(',')}`],
    record,
    command,
  );
}

export interface Fault {
  readonly call: string;
  /** An errno, or KILL. */
  readonly effect: 'EIO' | 'ENOSPC' | 'KILL';
  /** Counted per thread from 1. */
  readonly nth: number;
  /** Every call from the Nth on, as on a disk that stays full or broken. */
  readonly forever?: boolean;
}

/** Injects one fault. `trace` says INJECTED where a call was made to fail. */
export function injectFault(fault: Fault, record: string, command: readonly string[]): Promise<Traced> {
  const { call, effect, nth, forever = false } = fault;
  const what = effect === 'KILL' ? 'signal=KILL' : `error=${effect}`;
  // Kills are lost with --seccomp-bpf (strace 6.1); the twin of the sweep has found that.
  const fast = effect === 'KILL' ? [] : ['--seccomp-bpf'];
  const inject = `inject=${call}:${what}:when=${nth}${forever ? '+' : ''}`;
  return trace([...fast, '-e', `trace=${call}`, '-e', inject], record, command);
}
