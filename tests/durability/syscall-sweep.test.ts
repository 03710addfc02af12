/**
 * The syscall sweep: an operation is done again and again, and each time another of its file calls fails (once or from
 * then on) or is the last that the process makes. Whatever was promised before must be there afterwards, and the product
 * must start. SQLite tests itself so from inside (sqlite.org, "How SQLite is tested", §3.2); this is from outside, on
 * everything that Sextant writes. The core here, every operation and every way to fail with SEXTANT_LONG=1.
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildScript } from '../support/build-script';
import { scratchFolder } from '../support/scratch';
import type { Operation, Sabotage } from './operation';
import { operations } from './operations';
import { injectFault, whyNoStrace, type Fault } from './strace';

const isLong = process.env.SEXTANT_LONG === '1';
const CORE: ReadonlySet<string> = new Set(['artifact', 'run', 'backup']);
const swept = isLong ? operations : operations.filter(({ name }) => CORE.has(name));

/** A call, how it fails, and whether it goes on failing. */
type Way = Omit<Fault, 'nth'>;

const CORE_WAYS: readonly Way[] = [
  { call: 'pwrite64', effect: 'ENOSPC', forever: true },
  { call: 'fdatasync', effect: 'EIO' },
  { call: 'fsync', effect: 'EIO' },
  { call: 'fsync', effect: 'KILL' },
  { call: 'rename', effect: 'KILL' },
];

const CALLS = ['pwrite64', 'write', 'fsync', 'fdatasync', 'ftruncate', 'rename', 'link', 'unlink', 'mkdir'];
const ALL_WAYS: readonly Way[] = [
  ...CALLS.flatMap((call): Way[] => [
    { call, effect: 'KILL' },
    { call, effect: 'EIO' },
    { call, effect: 'EIO', forever: true },
  ]),
  ...['pwrite64', 'write', 'ftruncate', 'mkdir'].map((call): Way => ({ call, effect: 'ENOSPC', forever: true })),
  { call: 'pread64', effect: 'EIO' },
];

/** In the core, every call up to here and then every fourth: later ones repeat the same steps. */
const DENSE = 12;

let script = '';
beforeAll(async () => {
  script = await buildScript('tests/durability/operation-child.ts');
});

interface Swept {
  readonly complaints: string[];
  faults: number;
}

/** Faults at a time: each is a process that mostly waits. */
const AT_ONCE = 4;

async function sweep(operation: Operation, ways: readonly Way[], sabotage: Sabotage = 'none'): Promise<Swept> {
  const fresh = join(scratchFolder(), 'fresh');
  mkdirSync(fresh);
  await operation.prepare(fresh);
  const swept: Swept = { complaints: [], faults: 0 };

  async function strike(fault: Fault): Promise<boolean> {
    const folder = join(dirname(fresh), `${fault.nth}`);
    const root = join(folder, 'root');
    cpSync(fresh, root, { recursive: true });
    const command = [process.execPath, script, operation.name, root, sabotage];
    const { lines, trace, wasKilled } = await injectFault(fault, join(folder, 'trace'), command);
    const struck = wasKilled || trace.includes('INJECTED');
    const found = struck ? await operation.complaints(root, lines) : [];
    swept.complaints.push(...found.map((text) => `${fault.call} ${fault.nth} ${fault.effect}: ${text}`));
    if (struck) swept.faults++;
    rmSync(folder, { recursive: true });
    return struck;
  }

  for (const way of ways) {
    for (let nth = 1, isStriking = true; isStriking;) {
      const batch: Fault[] = [];
      for (; batch.length < AT_ONCE; nth += isLong || nth < DENSE ? 1 : 4) batch.push({ ...way, nth });
      isStriking = (await Promise.all(batch.map(strike))).every(Boolean);
    }
  }
  return swept;
}

const reason = whyNoStrace();

describe.skipIf(reason !== null)(
  `syscall sweep${reason === null ? '' : ` (${reason})`}`,
  { timeout: 7_200_000 },
  () => {
    it.each(swept)('$name: no failing call breaks a promise', async (operation) => {
      const { complaints, faults } = await sweep(operation, isLong ? ALL_WAYS : CORE_WAYS);
      expect(complaints).toEqual([]);
      expect(faults).toBeGreaterThan(CORE_WAYS.length);
    });

    it('finds a promise that is made too early', async () => {
      const artifact = operations.find(({ name }) => name === 'artifact');
      if (artifact === undefined) throw new Error('Expected the operation "artifact"; it is gone.');
      const { complaints } = await sweep(artifact, [{ call: 'rename', effect: 'KILL' }], 'promise-first');
      expect(complaints.length).toBeGreaterThan(2);
    });
  },
);
