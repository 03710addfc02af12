import { expect, it } from 'vitest';
import { areaPath } from '../features/jobs/memory-card';
import { meterShares, vramTitle } from './vram-meter';

const GIB = 2 ** 30;
const known = {
  usedBytes: 8 * GIB,
  ownBytes: 3 * GIB,
  foreignBytes: 5 * GIB,
  totalBytes: 12 * GIB,
  budgetBytes: 10 * GIB,
  isAlert: false,
  reason: null,
};
const unknown = { ...known, usedBytes: null, ownBytes: null, foreignBytes: null, reason: 'nvidia-smi hangs.' };

it('the bar shows both shares of the budget, is full above it and empty where nothing is known', () => {
  expect(meterShares(known)).toEqual({ own: 30, foreign: 50 });
  const over = meterShares({ ...known, usedBytes: 12 * GIB });
  expect(over.own + over.foreign).toBe(100);
  expect(meterShares(unknown)).toEqual({ own: 0, foreign: 0 });
  expect(meterShares({ ...known, budgetBytes: 0 })).toEqual({ own: 0, foreign: 0 });
});

it('its title says who uses how much, or why that is unknown', () => {
  expect(vramTitle(known)).toMatch(/Sextant 3\.0.GiB, other programs 5\.0.GiB: 80.% of the VRAM budget\.$/);
  expect(vramTitle({ ...known, isAlert: true })).toMatch(/falls below 85 %/);
  expect(vramTitle(unknown)).toBe('nvidia-smi hangs.');
});

it('the area of a job leaves gaps where nothing was known and never leaves the frame', () => {
  expect(areaPath([null, null], GIB)).toBe('');
  expect(areaPath([GIB, null, 3 * GIB], 2 * GIB)).toBe('M0 80V40H200V80ZM400 80V0H600V80Z');
});
