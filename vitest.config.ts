import { defineConfig } from 'vitest/config';
import { assemblyScript } from './scripts/assemblyscript-plugin';

export default defineConfig({
  plugins: [assemblyScript()],
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
