/** Bundles a TypeScript entry into a plain script that Node runs: what a child process of a test needs. Made once per test process. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { assemblyScript } from '../../scripts/assemblyscript-plugin';
import { threadSource } from '../../scripts/thread-source-plugin';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const built = new Map<string, Promise<string>>();

/**
 * @param entry relative to the repository
 * @returns absolute path of the script; it can import the installed packages and is removed when the process ends
 */
export function buildScript(entry: string): Promise<string> {
  const known = built.get(entry) ?? bundle(entry);
  built.set(entry, known);
  return known;
}

async function bundle(entry: string): Promise<string> {
  const cache = join(ROOT, '.cache');
  mkdirSync(cache, { recursive: true });
  const outDir = mkdtempSync(join(cache, 'test-'));
  process.once('exit', () => rmSync(outDir, { recursive: true, force: true }));
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    plugins: [assemblyScript(), threadSource()],
    build: {
      ssr: join(ROOT, entry),
      outDir,
      target: 'node24',
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'script.mjs' } },
    },
  });
  return join(outDir, 'script.mjs');
}
