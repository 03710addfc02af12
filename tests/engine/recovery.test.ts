/**
 * Kill -9 of a worker and of the host, in the middle of a job: the next start finds the job, resumes it from its last
 * checkpoint, and the result has the same bits as that of a run that nobody disturbed. No process survives its parent.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { buildScript } from '../support/build-script';
import { startChild, type Child } from '../support/child';
import { scratchFolder } from '../support/scratch';
import type { Order } from '../support/worker-jobs';

const ROUNDS = process.env.SEXTANT_LONG === '1' ? 50 : 3;
/** Per round more than one checkpoint, because a job that makes no progress is given up. */
const STEPS_PER_ROUND = 25;
const STEPS = (ROUNDS + 3) * STEPS_PER_ROUND;
const order: Order = { do: 'sum', steps: STEPS, seed: 42 };

let host = '';
let worker = '';
let undisturbed = '';

function startHost(folder: string, job?: Order): Child {
  return startChild(host, job === undefined ? [folder, worker] : [folder, worker, JSON.stringify(job)]);
}

/** The process of the first worker that a host starts, once it is started. */
async function workerOf(child: Child): Promise<number> {
  return Number((await child.line(/^worker \d/)).split(' ')[1]);
}

/** Resolves when a process is gone. Errors: it is still there after `withinMs`. */
async function gone(pid: number, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  while (isAlive(pid)) {
    if (performance.now() > until)
      throw new Error(`Expected process ${pid} to be gone after ${withinMs} ms; it is alive.`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A dead process that nobody has collected yet (a zombie, on Linux) is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

beforeAll(async () => {
  [host, worker] = await Promise.all(
    ['queue-host', 'worker-entry'].map((name) => buildScript(`tests/support/${name}.ts`)),
  );
});

it('a run that nobody disturbs gives the result to compare with', async () => {
  const child = startHost(scratchFolder(), order);
  undisturbed = await child.line(/^result [0-9a-f]{64}$/);
  await child.line(/^closed$/);
});

it('a killed worker is replaced, and the result is identical', async () => {
  const child = startHost(scratchFolder(), order);
  const pid = await workerOf(child);
  await child.line(/^step /);
  process.kill(pid, 'SIGKILL');
  expect(await child.line(/^result/)).toBe(undisturbed);
  expect(child.lines).toContain('status interrupted');
});

it(
  `a killed host is recovered at the next start, ${ROUNDS} times over, and the result is identical`,
  { timeout: 600_000 },
  async () => {
    const folder = scratchFolder();
    let child = startHost(folder, order);
    for (let round = 1; round <= ROUNDS; round++) {
      const pid = await workerOf(child);
      await child.line(stepAfter(round * STEPS_PER_ROUND));
      await child.kill();
      await gone(pid, 2000);
      child = startHost(folder);
    }
    expect(await child.line(/^result/)).toBe(undisturbed);
    expect(child.lines.filter((line) => line === 'status queued').length).toBe(ROUNDS + 1);
  },
);

/** Matches any step after this one: which one is told depends on the speed of the machine. */
function stepAfter(step: number): RegExp {
  const later = Array.from({ length: STEPS - step }, (_, i) => step + 1 + i);
  return new RegExp(`^step (${later.join('|')})$`);
}

it('a host that is killed while its worker computes without pause leaves no orphan', async () => {
  const folder = scratchFolder();
  const child = startHost(folder, { do: 'spin' });
  const pid = await workerOf(child);
  await child.line(/^step 0$/);
  await child.kill();
  await gone(pid, 2000);
});

it('a job that brings its host down again and again without progress is kept apart, and the host goes on', async () => {
  const folder = scratchFolder();
  let child = startHost(folder, { do: 'spin' });
  for (let round = 0; round < 3; round++) {
    await workerOf(child);
    await child.kill();
    child = startHost(folder);
  }
  // In quarantine it has no result; the host has nothing else to do and ends.
  expect(await child.line(/^result/)).toBe('result undefined');
  await child.line(/^closed$/);
});
