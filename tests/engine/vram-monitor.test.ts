/**
 * The monitor of the card with everything around it: reaction times in virtual time, a real child process in place of nvidia-smi,
 * and a real queue whose GPU jobs wait, start and give way.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { VramSeries } from '#contract/vram';
import { createRandom } from '#engine/devices/trace-random.test-data';
import type { VramEvent } from '#engine/devices/vram-guard';
import { VramMonitor } from '#engine/devices/vram-monitor';
import { createVramSource, type VramSource } from '#engine/devices/vram-source';
import { readJobEvents } from '#engine/store/job-events-table';
import { findJob } from '#engine/store/jobs-table';
import { scratchFolder } from '../support/scratch';
import { openTestQueue, type TestQueue } from '../support/test-queue';

const GIB = 2 ** 30;
const MIB_PER_GIB = 1024;
const STAND_IN = fileURLToPath(new URL('../support/nvidia-smi.mjs', import.meta.url));
const TRACES = process.env['SEXTANT_LONG'] === '1' ? 2000 : 60;

afterEach(() => {
  vi.useRealTimers();
});

/** Times in milliseconds from each lasting rise above 90 % to the event that tells of it. */
async function reactions(seed: number, sampleMs?: number): Promise<number[]> {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  const random = createRandom(seed);
  const rises: number[] = [];
  for (let at = 2000 + random.integer(3000); at < 60_000; at += 9000 + random.integer(6000)) rises.push(at);
  const origin = Date.now();
  const used = (at: number) => (rises.some((rise) => at >= rise && at < rise + 4000) ? 10.5 : 3) * GIB;
  const told: number[] = [];
  const monitor = new VramMonitor({
    // The card is read somewhere inside the call, which takes up to 900 ms.
    source: async () => {
      await new Promise((resolve) => setTimeout(resolve, random.integer(450)));
      const usedBytes = used(Date.now() - origin);
      await new Promise((resolve) => setTimeout(resolve, random.integer(450)));
      return { usedBytes, totalBytes: 12 * GIB, ownBytes: null };
    },
    now: () => Date.now(),
    store: () => {},
    onEvent: ({ type }) => {
      if (type === 'alert') told.push(Date.now() - origin);
    },
    ...(sampleMs === undefined ? {} : { sampleMs }),
  });
  monitor.enter('job', undefined);
  await vi.advanceTimersByTimeAsync(64_000);
  monitor.close();
  return rises.map((rise) => (told.find((at) => at >= rise) ?? Infinity) - rise);
}

describe('reaction to a rise above 90 %', () => {
  it(`within two seconds, once, in ${TRACES} traces`, { timeout: 300_000 }, async () => {
    for (let seed = 0; seed < TRACES; seed++)
      expect(Math.max(...(await reactions(seed))), `trace ${seed}`).toBeLessThanOrEqual(2000);
  });

  it('is late where the card is read every four seconds (sabotage)', async () => {
    expect(Math.max(...(await reactions(1, 4000)))).toBeGreaterThan(2000);
  });
});

/** A card whose state a test writes. */
function scene() {
  const file = join(scratchFolder(), 'scene.json');
  const show = (state: object): void => writeFileSync(file, JSON.stringify(state));
  const gib = (used: number, total = 12): string => `${used * MIB_PER_GIB}, ${total * MIB_PER_GIB}\n`;
  return { show, gib, file, source: createVramSource([process.execPath, STAND_IN, file]) };
}

describe('nvidia-smi as a process', () => {
  it('is read for the largest card, with the share of our processes', async () => {
    const { show, gib, source } = scene();
    show({ gpu: gib(1, 4) + gib(5), apps: '41, 2048\n42, 1024\n99, 4096\n' });
    expect(await source(new Set([41, 42]))).toEqual({ usedBytes: 5 * GIB, totalBytes: 12 * GIB, ownBytes: 3 * GIB });
    expect(await source(new Set())).toMatchObject({ ownBytes: null });
    show({ gpu: gib(5), apps: '41, [N/A]\n' });
    expect(await source(new Set([41]))).toMatchObject({ usedBytes: 5 * GIB, ownBytes: null });
  });

  it.each([
    [
      'prints nonsense',
      { gpu: 'NVIDIA-SMI has failed because it could not talk to the driver\n', code: 9 },
      /could not talk/,
    ],
    ['prints nonsense and says that all is well', { gpu: 'hello\n' }, /nvidia-smi said: hello/],
    ['prints nothing', { gpu: '' }, /nothing/],
    ['fails without a word', { gpu: '', code: 3 }, /failed: 3/],
    ['floods', { gpu: 'x'.repeat(200_000) }, /nvidia-smi failed/],
  ])('gives no reading where it %s', async (_, state, why) => {
    const { show, source } = scene();
    show(state);
    const reading = await source(new Set());
    expect(reading).toMatchObject({ hasSensor: true });
    expect('reason' in reading && reading.reason).toMatch(why);
  });

  it('a card without memory of its own, or none at all, is no sensor, so that jobs need not wait for one', async () => {
    const { show, file } = scene();
    show({ gpu: '[N/A], [N/A]\n' });
    const none = { reason: 'No graphics card that reports its memory was found.', hasSensor: false };
    const source = createVramSource([process.execPath, STAND_IN, file], async () => none);
    expect(await source(new Set())).toEqual(none);
    for (const gpu of [
      'No devices were found\n',
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n",
    ]) {
      show({ gpu, code: gpu.startsWith('No') ? 0 : 9 });
      expect(await createVramSource([process.execPath, STAND_IN, file], async () => none)(new Set())).toEqual(none);
    }
    show({ gpu: '[Unknown Error], 12288\n' });
    const broken = createVramSource([process.execPath, STAND_IN, file], async () => none);
    expect(await broken(new Set())).toMatchObject({ usedBytes: NaN });
  });

  it('is ended where it hangs, within a second', async () => {
    const { show, source } = scene();
    show({ hang: true });
    const started = performance.now();
    expect(await source(new Set())).toEqual({ reason: 'nvidia-smi did not answer within 900 ms.', hasSensor: true });
    expect(performance.now() - started).toBeLessThan(2500);
  });

  it('where it is not installed the system is asked, and a machine without a sensor once a minute at most', async () => {
    let asked = 0;
    const none = { reason: 'No graphics card that reports its memory was found.', hasSensor: false };
    const source = createVramSource(['/nowhere/nvidia-smi'], async () => {
      asked += 1;
      return none;
    });
    expect([await source(new Set()), await source(new Set())]).toEqual([none, none]);
    expect(asked).toBe(1);
  });
});

describe('the queue and the card', () => {
  let host: TestQueue | undefined;
  let monitor: VramMonitor | undefined;
  const stored = new Map<string, VramSeries>();

  afterEach(async () => {
    await host?.close();
    monitor?.close();
    stored.clear();
  });

  async function open(source: VramSource): Promise<TestQueue> {
    const onEvent = ({ type }: VramEvent, holder: string | null): void => {
      if (holder === null) return;
      host?.queue.note(holder, 'warn', type);
      if (type === 'over-budget') host?.queue.giveWay(holder);
    };
    monitor = new VramMonitor({
      source,
      now: Date.now,
      store: (job, series) => void stored.set(job, series),
      onEvent,
      sampleMs: 20,
    });
    host = await openTestQueue({ folder: scratchFolder(), card: monitor, vramBytes: 2 * GIB });
    return host;
  }

  const notes = (job: string): string[] =>
    host === undefined
      ? []
      : readJobEvents(host.workspace.database, job, 0, 1000).map((event) =>
          event.type === 'log' ? event.message : event.type === 'status' ? event.status : '',
        );
  const status = (job: string) => host && findJob(host.workspace.database, job)?.status;

  it('a job waits while another program fills the card, says why once, and starts when there is room', async () => {
    const { show, gib, source } = scene();
    show({ gpu: gib(10) });
    const { queue, order } = await open(source);
    const job = order({ do: 'echo', value: 1 }, 'report');
    const cpu = order({ do: 'echo', value: 2 });
    expect((await queue.waitFor(cpu)).status).toBe('succeeded');
    await vi.waitFor(
      () => expect(notes(job).at(-1)).toMatch(/Waits for the card\. The card is at 91 % of its budget/),
      10_000,
    );
    expect(status(job)).toBe('queued');
    show({ gpu: gib(9.4) });
    show({ gpu: gib(3) });
    expect((await queue.waitFor(job)).status).toBe('succeeded');
    expect(notes(job).filter((text) => text.includes('91 %'))).toHaveLength(1);
  });

  it('a running job gives way above the budget, goes back into the queue and ends well later', async () => {
    let used = 2 * GIB;
    const { queue, order } = await open(async () => ({ usedBytes: used, totalBytes: 12 * GIB, ownBytes: null }));
    const job = order({ do: 'wait', how: 'obedient' }, 'report');
    await vi.waitFor(() => expect(status(job)).toBe('running'), 10_000);
    used = 11.5 * GIB;
    await vi.waitFor(
      () => expect(notes(job)).toEqual(expect.arrayContaining(['alert', 'over-budget', 'interrupted'])),
      10_000,
    );
    await vi.waitFor(() => expect(status(job)).toBe('queued'), 10_000);
    used = 10 * GIB;
    // Hysteresis: below the budget is not yet room.
    await vi.waitFor(() => expect(monitor?.take('another', 0)).toMatch(/91 %/), 10_000);
    expect(status(job)).toBe('queued');
    used = 2 * GIB;
    await vi.waitFor(() => expect(status(job)).toBe('running'), 10_000);
    expect(findJob((host as TestQueue).workspace.database, job)?.attempt).toBe(2);
    queue.cancel(job);
    expect((await queue.waitFor(job)).status).toBe('cancelled');
    expect(notes(job).filter((text) => text === 'alert')).toHaveLength(1);
    const series = stored.get(job);
    expect(series?.budgetBytes).toBe(11 * GIB);
    expect(series?.usedBytes.some((value) => value !== null)).toBe(true);
  });

  it('one lease guards the card: while a probe holds it no job starts', async () => {
    const { queue, order } = await open(async () => ({ usedBytes: GIB, totalBytes: 12 * GIB, ownBytes: null }));
    await monitor?.current();
    expect(monitor?.take('a probe', 0)).toBeNull();
    const job = order({ do: 'echo', value: 1 }, 'report');
    await vi.waitFor(
      () => expect(notes(job).at(-1)).toBe('Waits for the card. The card is in use by a probe.'),
      10_000,
    );
    monitor?.release('a probe');
    expect((await queue.waitFor(job)).status).toBe('succeeded');
  });

  it('what a job says that it holds is its own share', async () => {
    const { order, queue } = await open(async () => ({ usedBytes: 5 * GIB, totalBytes: 12 * GIB, ownBytes: null }));
    const job = order({ do: 'hold-vram', bytes: 3 * GIB }, 'report');
    await vi.waitFor(async () => {
      expect(await monitor?.current()).toMatchObject({ ownBytes: 3 * GIB, foreignBytes: 2 * GIB });
    }, 10_000);
    queue.cancel(job);
    expect((await queue.waitFor(job)).status).toBe('cancelled');
  });
});
