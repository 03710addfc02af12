/** Unit and integration tests; Electron's own modules are replaced by a typed stand-in, everything else is real. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { assemblyScript } from './scripts/assemblyscript-plugin.ts';
import { threadSource } from './scripts/thread-source-plugin.ts';
import { buildDefines } from './scripts/build-defines.ts';
import { softwareGpuEnvironment } from './tests/support/software-gpu.ts';

export default defineConfig({
  plugins: [assemblyScript(), threadSource()],
  define: buildDefines(),
  resolve: {
    alias: [
      { find: 'electron', replacement: fileURLToPath(new URL('tests/electron/electron-stand-in.ts', import.meta.url)) },
      // One instance of TensorFlow's core for its backends and its gradients, which its bundle for Node leaves out.
      { find: /^@tensorflow\/tfjs-core$/, replacement: '@tensorflow/tfjs-core/dist/index.js' },
    ],
  },
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    setupFiles: ['tests/support/fixed-draws.ts'],
    server: { deps: { inline: [/@tensorflow/] } },
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { TZ: 'UTC', ...softwareGpuEnvironment() },
  },
});
