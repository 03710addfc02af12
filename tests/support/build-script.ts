/** Bundles a TypeScript entry into a plain script that Node runs: what a child process of a test needs. Made once per test process. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import { assemblyScript } from '../../scripts/assemblyscript-plugin';
import { threadSource } from '../../scripts/thread-source-plugin';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const built = new Map<string, Promise<string>>();

/**
 * @param entry relative to the repository
 * @param instead modules and what takes their place, both relative to the repository: a protection taken away
 * @returns absolute path of the script; it can import the installed packages and is removed when the process ends
 */
export function buildScript(entry: string, instead: Readonly<Record<string, string>> = {}): Promise<string> {
  const name = JSON.stringify([entry, instead]);
  const known = built.get(name) ?? bundle(entry, instead);
  built.set(name, known);
  return known;
}

/** Resolves imports of some modules to others, except in those others. */
function replacing(instead: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'replace-modules',
    enforce: 'pre',
    async resolveId(source, importer) {
      const found = await this.resolve(source, importer, { skipSelf: true });
      const other = found === null ? undefined : instead[relative(ROOT, found.id)];
      if (other === undefined) return null;
      const target = join(ROOT, other);
      return importer === target ? found : target;
    },
  };
}

async function bundle(entry: string, instead: Readonly<Record<string, string>>): Promise<string> {
  const cache = join(ROOT, '.cache');
  mkdirSync(cache, { recursive: true });
  const outDir = mkdtempSync(join(cache, 'test-'));
  process.once('exit', () => rmSync(outDir, { recursive: true, force: true }));
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    plugins: [assemblyScript(), threadSource(), ...(Object.keys(instead).length > 0 ? [replacing(instead)] : [])],
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
