/**
 * `npm run bench [-- part-of-name …]`: bundles every `bench/**.bench.ts` as the product is bundled (kernels included) and runs
 * them one after the other, each in a process of its own, so that one never warms another up.
 */
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { assemblyScript } from './assemblyscript-plugin.ts';
import { threadSource } from './thread-source-plugin.ts';
import { buildDefines } from './build-defines.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = process.argv.slice(2);
const names = globSync('bench/**/*.bench.ts', { cwd: root })
  .sort()
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
if (names.length === 0) throw new Error(`Expected part of the name of a benchmark, found ${wanted.join(', ')}.`);

function runScript(script: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--expose-gc', script], { cwd: root, stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

mkdirSync(join(root, '.cache'), { recursive: true });
const outDir = mkdtempSync(join(root, '.cache', 'bench-'));
try {
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    define: buildDefines(),
    plugins: [assemblyScript(), threadSource()],
    // One instance of TensorFlow's core for its backend and its gradients, which its bundle for Node leaves out.
    resolve: { alias: [{ find: /^@tensorflow\/tfjs-core$/, replacement: '@tensorflow/tfjs-core/dist/index.js' }] },
    ssr: { noExternal: [/@tensorflow/] },
    build: {
      ssr: true,
      outDir,
      target: 'node24',
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(names.map((name, i) => [`bench-${i}`, join(root, name)])),
        output: { format: 'es', entryFileNames: '[name].mjs' },
      },
    },
  });
  for (const [i, name] of names.entries()) {
    console.log(`\n── ${name} ──`);
    if ((await runScript(join(outDir, `bench-${i}.mjs`))) !== 0) process.exitCode = 1;
  }
} finally {
  rmSync(outDir, { recursive: true, force: true });
}
