/** The shipped limits are valid, and what they leave out has the defaults of the contract. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { limitsConfigSchema } from '#contract/limits';

test('the shipped configuration is valid', () => {
  const { limits } = limitsConfigSchema.parse(parse(readFileSync('configs/limits/limits.yaml', 'utf8')));
  expect(limits.map(({ kind }) => kind)).toContain('concentration');
});

test('two limits of one name, unknown kinds and keys, and numbers that are none are refused', () => {
  const one = { id: 'a', kind: 'position', max: 0.1 };
  for (const bad of [
    [one, one],
    [{ ...one, kind: 'beta' }],
    [{ ...one, mux: 1 }],
    [{ ...one, max: NaN }],
    [{ ...one, max: -1 }],
  ]) {
    expect(limitsConfigSchema.safeParse({ limits: bad }).success).toBe(false);
  }
});
