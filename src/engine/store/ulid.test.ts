import { expect, test } from 'vitest';
import { createUlid } from './ulid';

test('identifiers increase within a millisecond and when the clock goes back', () => {
  const times = [1_700_000_000_000, 1_700_000_000_000, 1_699_999_999_000, 1_700_000_000_001];
  const made = times.map(createUlid);
  expect([...made].sort()).toEqual(made);
  for (const id of made) expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
});
