/**
 * One build for every process: main {index, headless, cli, worker} as ES modules for Node, the preload as one CommonJS
 * file each (a sandboxed preload can load nothing else), the renderer for browsers. Dependencies of the Node side stay
 * outside; jobs and models become lazy chunks, so that a child loads only what it runs.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { assemblyScript } from './scripts/assemblyscript-plugin.ts';
import { threadSource } from './scripts/thread-source-plugin.ts';
import { buildDefines } from './scripts/build-defines.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const defines = buildDefines();

const entries = {
  index: path('src/main/index.ts'),
  headless: path('src/headless/index.ts'),
  cli: path('src/headless/cli.ts'),
  worker: path('src/compute/worker.ts'),
};

export default defineConfig({
  main: {
    define: defines,
    plugins: [assemblyScript(), threadSource()],
    build: {
      outDir: 'out/main',
      target: 'node24',
      sourcemap: true,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file))),
        // Optional packages with native parts are loaded from node_modules, where they are.
        external: ['webgpu'],
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: path('src/preload/index.ts'), 'gpu-window': path('src/preload/gpu-window.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: path('src/renderer'),
    define: defines,
    plugins: [assemblyScript(), react()],
    worker: { format: 'es' },
    build: {
      outDir: path('out/renderer'),
      minify: 'oxc',
      // Everything comes from the product's own origin: inlined assets would need `data:` in the content policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: ['index', 'gpu-window', 'reference'].map((page) => path(`src/renderer/${page}.html`)),
      },
    },
  },
});
