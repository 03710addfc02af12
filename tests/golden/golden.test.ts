/**
 * Runs every calculation kind on the reference cases beside the repository and compares the answers.
 * One test per kind: `npx vitest run tests/golden -t covariance`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { check, readCases, suite } from './cases';

if (existsSync(join(suite, 'cases'))) {
  describe('reference cases', () => {
    for (const [kind, cases] of [...readCases()].sort(([a], [b]) => (a < b ? -1 : 1))) {
      test(`${kind} answers its ${cases.length} cases`, { timeout: 120_000 }, async () => {
        const failures: string[] = [];
        for (const oracle of cases) {
          const found = await check(oracle);
          if (found.length > 0) failures.push(`${oracle.id}\n    ${found.slice(0, 5).join('\n    ')}`);
        }
        expect(failures.join('\n')).toBe('');
      });
    }
  });
} else {
  test.skip(`reference cases: skipped because ${suite} is absent`, () => undefined);
  console.info('Reference cases skipped: ../shared/golden is absent.');
}
