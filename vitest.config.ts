/** Unit and integration tests; Electron's own modules are replaced by a typed stand-in, everything else is real. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { assemblyScript } from './scripts/assemblyscript-plugin.ts';
import { threadSource } from './scripts/thread-source-plugin.ts';
import { buildDefines } from './scripts/build-defines.ts';

export default defineConfig({
  plugins: [assemblyScript(), threadSource()],
  define: buildDefines(),
  resolve: {
    alias: { electron: fileURLToPath(new URL('tests/electron/electron-stand-in.ts', import.meta.url)) },
  },
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    setupFiles: ['tests/support/fixed-draws.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { TZ: 'UTC' },
  },
});
