/** The state of the disk from what the system tells, from refused writes, and back: with hysteresis and a real write. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { silentLog } from '#base/log';
import { createStorageMonitor, type Space } from '#engine/store/storage-monitor';
import { scratchFolder } from '../support/scratch';

const GIBIBYTE = 2 ** 30;
const MEBIBYTE = 2 ** 20;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch(folder = scratchFolder()) {
  const disk: { space: Space | null } = { space: { freeBytes: 100 * GIBIBYTE, totalBytes: 500 * GIBIBYTE } };
  const states: string[] = [];
  const monitor = createStorageMonitor({
    folder,
    log: silentLog,
    now: () => Date.now(),
    space: () => disk.space,
    onChange: ({ state }, before) => void states.push(`${before.state} → ${state}`),
  });
  onTestFinished(() => monitor.close());
  return {
    monitor,
    states,
    folder,
    leave(freeBytes: number, totalBytes = 500 * GIBIBYTE) {
      disk.space = { freeBytes, totalBytes };
      vi.advanceTimersByTime(6000);
    },
    tellNothing() {
      disk.space = null;
      vi.advanceTimersByTime(6000);
    },
  };
}

it('warns below 5 GiB or 5 %, whichever is less, and is full where the next transaction would not fit', () => {
  const { leave, states, monitor } = watch();
  leave(5 * GIBIBYTE);
  expect(states).toEqual([]);
  leave(5 * GIBIBYTE - 1);
  leave(6 * GIBIBYTE, 20 * GIBIBYTE);
  leave(GIBIBYTE - 1, 20 * GIBIBYTE);
  leave(2 * MEBIBYTE - 1);
  expect(states).toEqual(['ok → low', 'low → ok', 'ok → low', 'low → full']);
  expect(() => monitor.requireRoom(false)).toThrowError(expect.objectContaining({ code: 'DISK_FULL' }));
  monitor.requireRoom(true); // what makes room is let through
  // Some room is not enough to go on, or the state would flutter.
  leave(3 * MEBIBYTE);
  expect(monitor.current().state).toBe('full');
  leave(5 * MEBIBYTE);
  expect(states.at(-1)).toBe('full → low');
  monitor.requireRoom(false);
});

it('believes a refused write more than the system, until a real write has reached the disk', () => {
  const { monitor, folder, leave } = watch(join(scratchFolder(), 'workspace'));
  monitor.refused();
  expect(monitor.current().state).toBe('full');
  // A quota: the system tells of room, and writing fails all the same.
  leave(100 * GIBIBYTE);
  expect(monitor.current().state).toBe('full');
  mkdirSync(folder);
  leave(100 * GIBIBYTE);
  expect(monitor.current().state).toBe('ok');
  rmSync(folder, { recursive: true });
});

it('works where the system tells nothing', () => {
  const { monitor, tellNothing } = watch();
  tellNothing();
  expect(monitor.current()).toMatchObject({ state: 'ok', freeBytes: null, message: null });
  monitor.refused();
  expect(monitor.current().message).toMatch(/full.*goes on by itself/);
  tellNothing();
  expect(monitor.current().state).toBe('ok');
});
