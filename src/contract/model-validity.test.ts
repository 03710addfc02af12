import { expect, test } from 'vitest';
import { whySilent } from './model-validity';

const manifest = {
  trained: { from: '2020-01-02', to: '2020-11-02', cutoff: '2020-12-31', rows: 100 },
  validFor: 21,
};

test.each([
  ['the day after', { decidedOn: '2021-01-04', sinceCutoff: 1, behind: 0 }, null],
  ['the last day it speaks for', { decidedOn: '2021-02-02', sinceCutoff: 21, behind: 1 }, null],
  ['the day after that', { decidedOn: '2021-02-03', sinceCutoff: 22, behind: 0 }, /expired/],
  ['a day before the fit', { decidedOn: '2020-12-30', sinceCutoff: 0, behind: 0 }, /before the model was fitted/],
  ['a close of two sessions ago', { decidedOn: '2021-01-07', sinceCutoff: 4, behind: 2 }, /stale/],
])('inputs of %s', (_, asked, expected) => {
  const reason = whySilent(manifest, asked);
  if (expected === null) expect(reason).toBeNull();
  else expect(reason).toMatch(expected);
});
