/** The record log against an independent reader: records of any length at any place in a block come back, and every changed byte is found. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recordLog } from '#engine/interchange/record-log';
import { readRecordLog } from '../support/wandb-reader';

const BLOCK = 32_768;
const filled = (length: number, k: number): Uint8Array => new Uint8Array(length).fill(1 + (k % 255));

function comesBack(lengths: readonly number[]): void {
  const records = lengths.map(filled);
  const read = readRecordLog(recordLog(records));
  expect(read.map(({ length }) => length)).toEqual(lengths);
  expect(read.every((bytes, k) => bytes.every((byte) => byte === 1 + (k % 255)))).toBe(true);
}

it('brings back records of every length around the ends of blocks, empty ones and those of several blocks', () => {
  for (let spare = -3; spare <= 17; spare++) comesBack([BLOCK - 7 - 7 - spare, 5, 0, 3 * BLOCK + spare, 1]);
  comesBack([]);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(300), fc.integer({ min: BLOCK - 40, max: BLOCK + 40 }), fc.nat(4 * BLOCK)), {
        maxLength: 6,
      }),
      comesBack,
    ),
    { numRuns: 30 },
  );
});

it('lets no changed byte pass: the reader that the tests trust does look', () => {
  const whole = recordLog([filled(40, 0), filled(BLOCK, 1), filled(9, 2)]);
  for (let at = 0; at < whole.length; at += at < 80 ? 1 : 997) {
    const changed = whole.slice();
    changed[at] ^= 4;
    expect(() => readRecordLog(changed), `byte ${at}`).toThrowError();
  }
  expect(() => readRecordLog(whole.subarray(0, whole.length - 1))).toThrowError(/cut/);
});
