/** `system.devices` on a real engine, and the lease that it shares with jobs. */
import { afterEach, expect, it } from 'vitest';
import type { DeviceLadder } from '#contract/devices';
import { createDeviceLadder } from '#engine/devices/device-ladder';
import { VramMonitor } from '#engine/devices/vram-monitor';
import { presentDevices } from '#headless/present-system';
import { openTestEngine } from '../support/engine-host';

const monitor = new VramMonitor({
  source: async () => ({ reason: 'No card.', hasSensor: false }),
  now: Date.now,
  store() {},
  onEvent() {},
});

afterEach(() => monitor.release('a run'));

const ladder = (title: string): DeviceLadder => ({
  rungs: [{ rung: 'wasm', title, status: 'works', reason: null, adapter: null, limits: {}, probe: null }],
});

it('the product answers with every rung and says the same again without measuring', { timeout: 60_000 }, async () => {
  await using host = await openTestEngine();
  const first = await host.client.system.devices({});
  expect(first.rungs.map(({ rung }) => rung)).toEqual(['webgpu', 'tfjs-node-gpu', 'wasm', 'onnxruntime-node']);
  expect(await host.client.system.devices({})).toEqual(first);
  const text = presentDevices(first);
  expect(text).toMatch(/wasm +works .*GF\/s +\S+ ms +\S+ GB\/s/);
  expect(text).toContain('npm run gpu:cuda');
  const { vram } = await host.client.system.load({});
  expect(vram.budgetBytes).toBeLessThanOrEqual(11 * 2 ** 30);
  expect(vram.usedBytes === null).toBe(vram.reason !== null);
});

it('two who ask at once share one probe; "again" measures anew; a failure is not remembered', async () => {
  let probes = 0;
  const answers: (() => Promise<DeviceLadder>)[] = [
    () => Promise.reject(new Error('the driver crashed')),
    async () => ladder('first'),
    async () => ladder('second'),
  ];
  const read = createDeviceLadder({ queue: { runOnce: () => answers[probes++]() }, card: monitor });
  await expect(read(false)).rejects.toThrow('the driver crashed');
  const [a, b] = await Promise.all([read(false), read(false)]);
  expect(a).toBe(b);
  expect(await read(false)).toEqual(ladder('first'));
  expect(await read(true)).toEqual(ladder('second'));
  expect(probes).toBe(3);
});

it('while a job holds the card nothing is probed: the last answer stands, or the reason', async () => {
  let probes = 0;
  const read = createDeviceLadder({ queue: { runOnce: async () => (probes++, ladder('known')) }, card: monitor });
  expect(monitor.hold('a run')).toBeNull();
  await expect(read(false)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('a run') });
  monitor.release('a run');
  await read(false);
  expect(monitor.hold('a run')).toBeNull();
  expect(await read(true)).toEqual(ladder('known'));
  expect(probes).toBe(1);
});
