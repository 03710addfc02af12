/** The lint configuration: correctness, types, and the rules of the house (layer table: scripts/lint/layers.ts). */
import { defineConfig } from 'oxlint';

const tests = ['**/*.test.ts', '**/*.spec.ts', 'tests/**', 'bench/**'];

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'react'],
  jsPlugins: ['./scripts/lint/house-rules.ts'],
  categories: { correctness: 'error' },
  ignorePatterns: ['out/**', 'node_modules/**', 'coverage/**', '**/*.as.ts', 'docs/**'],
  rules: {
    'house/layers': 'error',
    'eslint/max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
    'eslint/max-params': ['error', { max: 6 }],
    // Published coefficients keep their digits.
    'eslint/no-loss-of-precision': 'off',
    'eslint/no-empty': 'error',
    'eslint/no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'anywhere' }],
    'import/no-cycle': ['error', { ignoreTypes: true }],
    'import/no-default-export': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/ban-ts-comment': 'error',
    // Objects here are made by functions, not classes: their methods do not use `this`.
    'typescript/unbound-method': 'off',
    'typescript/no-base-to-string': 'off',
    'import/default': 'off',
    'promise/no-callback-in-promise': 'off',
    'react/purity': 'off',
    'react/incompatible-library': 'off',
    'unicorn/no-new-array': 'off',
    'unicorn/no-useless-spread': 'off',
    'typescript/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'house/no-export-all': 'error',
    'house/cast-needs-reason': 'error',
  },
  overrides: [
    { files: ['src/engine/**'], rules: { 'house/no-database-serialize': 'error' } },
    {
      // Inner loops pass arrays and offsets one by one; an object per call would cost more than it tells.
      files: ['src/quant/**', 'src/compute/**'],
      rules: { 'eslint/max-params': ['error', { max: 8 }] },
    },
    {
      files: ['src/quant/**'],
      rules: {
        'house/no-current-time': 'error',
        'eslint/no-restricted-properties': [
          'error',
          { object: 'Date', property: 'now', message: 'The science knows no clock: pass the time in.' },
          { object: 'Math', property: 'random', message: 'Every draw comes from a seeded generator.' },
          { object: 'performance', property: 'now', message: 'The science knows no clock: pass the time in.' },
          { object: 'crypto', property: 'getRandomValues', message: 'Every draw comes from a seeded generator.' },
        ],
      },
    },
    { files: tests, rules: { 'house/cast-needs-reason': 'off', 'eslint/max-params': 'off' } },
    // Playwright reads the parameter's pattern to learn which fixtures a fixture needs: none is `{}`.
    { files: ['tests/browser/fixtures.ts'], rules: { 'eslint/no-empty-pattern': 'off' } },
    { files: ['*.config.ts', 'scripts/lint/house-rules.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
});
