/**
 * Power-loss replay: each operation is recorded call by call, the power is cut at random points of the record, and the
 * product starts on what is left. No promise may be broken on any of the disks, and every one must start.
 * 1,000 disks, or 20,000 with SEXTANT_LONG=1.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildScript } from '../support/build-script';
import { draws, scratchFolder } from '../support/scratch';
import { parseFileCalls, type FileCall } from './file-calls';
import type { Operation, Sabotage } from './operation';
import { operations } from './operations';
import { Disk, LOSSES } from './power-loss';
import { recordCalls, whyNoStrace } from './strace';

const isLong = process.env.SEXTANT_LONG === '1';
const CORE: ReadonlySet<string> = new Set(['settings', 'artifact', 'run', 'backup']);
const measured = isLong ? operations : operations.filter(({ name }) => CORE.has(name));
const DISKS = Math.ceil((isLong ? 20_000 : 1000) / measured.length);

interface Recording {
  readonly operation: Operation;
  /** Everything before the operation. */
  readonly disk: () => Disk;
  readonly calls: readonly FileCall[];
  readonly root: string;
}

let script = '';
beforeAll(async () => {
  script = await buildScript('tests/durability/operation-child.ts');
});

async function record(operation: Operation, sabotage: Sabotage = 'none'): Promise<Recording> {
  const folder = scratchFolder();
  const root = join(folder, 'root');
  mkdirSync(root);
  await operation.prepare(root);
  const before = Disk.of(root);
  const { trace, lines } = await recordCalls(join(folder, 'trace'), [
    process.execPath,
    script,
    operation.name,
    root,
    sabotage,
  ]);
  expect(lines.length).toBeGreaterThan(0);
  return { operation, root, calls: parseFileCalls(trace, root), disk: () => before.copy() };
}

interface Verdicts {
  readonly complaints: string[];
  /** Promises that were made before the cut, over all disks. */
  promised: number;
}

/** Cuts the power `times` times at random points of the record and starts the product on each disk. */
async function cutPower({ operation, disk, calls }: Recording, times: number): Promise<Verdicts> {
  const draw = draws(operation.name.length + times);
  const verdicts: Verdicts = { complaints: [], promised: 0 };
  const images = scratchFolder();
  for (let n = 0; n < times; n++) {
    const end = draw(calls.length + 1);
    const loss = LOSSES[draw(LOSSES.length)];
    const image = join(images, String(n));
    const cut = disk();
    for (const call of calls.slice(0, end)) cut.apply(call);
    cut.cut(image, loss, draw);
    const promised = calls.slice(0, end).flatMap((call) => (call.type === 'say' ? [call.line] : []));
    verdicts.promised += promised.length;
    const found = await operation.complaints(image, promised);
    verdicts.complaints.push(...found.map((text) => `cut after ${end} of ${calls.length} calls, ${loss}: ${text}`));
    rmSync(image, { recursive: true });
  }
  expect(readdirSync(images)).toEqual([]);
  return verdicts;
}

/** As if a protection were missing from the code: the record without some of its calls. */
function without(recording: Recording, isDropped: (call: FileCall) => boolean): Recording {
  return { ...recording, calls: recording.calls.filter((call) => !isDropped(call)) };
}

const reason = whyNoStrace();

describe.skipIf(reason !== null)(`power loss${reason === null ? '' : ` (${reason})`}`, { timeout: 3_600_000 }, () => {
  it.each(measured)('$name: no promise is broken, every disk starts', async (operation) => {
    const { complaints, promised } = await cutPower(await record(operation), DISKS);
    expect(complaints).toEqual([]);
    expect(promised).toBeGreaterThan(DISKS / 3);
  });

  it('finds what synchronous=NORMAL loses', async () => {
    const settings = operations.find(({ name }) => name === 'settings');
    if (settings === undefined) throw new Error('Expected the operation "settings"; it is gone.');
    const { complaints } = await cutPower(await record(settings, 'synchronous-normal'), 60);
    expect(complaints.filter((text) => text.includes('is lost')).length).toBeGreaterThan(10);
  });

  it('finds an artifact that nobody asked to be on the disk', async () => {
    const artifact = operations.find(({ name }) => name === 'artifact');
    if (artifact === undefined) throw new Error('Expected the operation "artifact"; it is gone.');
    const recording = await record(artifact);
    const objects = new Set<number>();
    const forgetful = without(recording, (call) => {
      if (call.type === 'open' && call.path.includes('objects/')) objects.add(call.descriptor);
      else if (call.type === 'open') objects.delete(call.descriptor);
      return call.type === 'sync' && objects.has(call.descriptor);
    });
    expect(forgetful.calls.length).toBeLessThan(recording.calls.length);
    const { complaints } = await cutPower(forgetful, 60);
    expect(complaints.filter((text) => text.includes('object')).length).toBeGreaterThan(5);
  });
});
