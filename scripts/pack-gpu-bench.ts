/** `npm run bench:gpu:pack`: puts the GPU suite, this Node and Dawn into `out/gpu-bench/`, which is copied to a machine with a card. */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { assemblyScript } from './assemblyscript-plugin.ts';
import { buildDefines } from './build-defines.ts';
import { threadSource } from './thread-source-plugin.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const outDir = join(root, 'out/gpu-bench');
rmSync(outDir, { recursive: true, force: true });
await build({
  configFile: false,
  root,
  logLevel: 'error',
  define: buildDefines(),
  plugins: [assemblyScript(), threadSource()],
  build: {
    ssr: join(root, 'bench/gpu/suite.ts'),
    outDir,
    target: 'node24',
    minify: false,
    rolldownOptions: { external: ['webgpu', /^@tensorflow/], output: { format: 'es', entryFileNames: 'suite.mjs' } },
  },
});
for (const name of ['run.mjs', 'torch_steps.py', 'README.md'])
  cpSync(join(root, 'bench/gpu', name), join(outDir, name));
const dawn = join(outDir, 'node_modules/webgpu');
mkdirSync(join(dawn, 'dist'), { recursive: true });
const platform = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;
for (const name of ['package.json', 'index.js', 'LICENSE.md', join('dist', platform)]) {
  cpSync(join(root, 'node_modules/webgpu', name), join(dawn, name), { recursive: true });
}
cpSync(process.execPath, join(outDir, process.platform === 'win32' ? 'node.exe' : 'node'));
console.log('Packed out/gpu-bench. On the machine with the card: ./node run.mjs');
