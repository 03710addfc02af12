/** Back-filling by its promises: what is known stays, what is missing comes, nothing else appears, and twice is once. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Panel } from '../panel';
import { backfill } from './backfill';
import { versionDiff } from './version-diff';

const dates = ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05'];
const assets = ['A', 'B', 'C'];
const cell = fc.option(fc.double({ min: 1, max: 100, noNaN: true }), { nil: NaN });
const panels = fc
  .tuple(fc.subarray(dates, { minLength: 1 }), fc.subarray(assets, { minLength: 1 }))
  .chain(([days, names]) =>
    fc
      .array(cell, { minLength: days.length * names.length, maxLength: days.length * names.length })
      .map((close): Panel => ({ dates: days, assets: names, fields: { close: Float64Array.from(close) } })),
  );

test('changes and removes nothing, fills what it says, and does nothing the second time', () => {
  fc.assert(
    fc.property(panels, panels, (known, more) => {
      const { panel, filled, kept } = backfill(known, more);
      const [{ added, removed, changed }] = versionDiff(known, panel).fields;
      expect([added, removed, changed]).toEqual([filled, 0, 0]);
      const [missing] = versionDiff(panel, more).fields;
      expect([missing.added, missing.changed]).toEqual([0, kept]);
      expect(backfill(panel, more)).toMatchObject({ filled: 0, kept });
    }),
  );
});

test('does not invent who was a member on days that only one side knows', () => {
  const plain: Panel = { dates: ['2024-01-02'], assets: ['A'], fields: { close: Float64Array.of(1) } };
  const listed: Panel = { ...plain, dates: ['2024-01-03'], membership: Uint8Array.of(1) };
  expect(() => backfill(listed, plain)).toThrowError(/membership dates on both sides/);
  expect(backfill(listed, { ...plain, membership: Uint8Array.of(0) }).panel.membership).toEqual(Uint8Array.of(0, 1));
});
