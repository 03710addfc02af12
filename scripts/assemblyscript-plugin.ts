/**
 * Vite plugin: `import { bytes } from './gram.as.ts?compiled'` gives the WebAssembly module that AssemblyScript makes of that file and of
 * the `.as.ts` files beside it that it imports. Compiled at build time and inlined as base64, so that the importing code can
 * instantiate it synchronously anywhere.
 *
 * `?compiled=relaxed` and `?compiled=strict` make modules over an imported, shared memory, for several threads: an import of
 * `./name.as` takes `name.relaxed.as.ts` or `name.strict.as.ts` where there are such files.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const REQUEST = /^(.+\.as\.ts)\?compiled(?:=(relaxed|strict))?$/;

type Variant = 'relaxed' | 'strict' | undefined;

/** The three hooks of a Vite plugin that are used here; structurally a `Plugin` of Vite and of Rolldown. */
interface AssemblyScriptPlugin {
  readonly name: string;
  readonly enforce: 'pre';
  load(
    this: { addWatchFile(path: string): void },
    id: string,
  ): Promise<{ code: string; map: null; moduleType: 'js' } | undefined>;
}

export function assemblyScript(): AssemblyScriptPlugin {
  return {
    name: 'sextant:assemblyscript',
    enforce: 'pre',
    async load(id) {
      const [, path, variant] = REQUEST.exec(id) ?? [];
      if (path === undefined) return undefined;
      const wasm = await compile(path, variant as Variant, (file) => this.addWatchFile(file)); // the pattern admits no other
      const code = [
        `const text = atob('${Buffer.from(wasm).toString('base64')}');`,
        'export const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));',
      ].join('\n');
      return { code, map: null, moduleType: 'js' };
    },
  };
}

/** Both builds may be compiled beside tests and benchmarks: 4 GiB is what a 32-bit address reaches. */
const SHARED_MEMORY = ['--importMemory', '--sharedMemory', '--maximumMemory=65536', '--enable=threads'];

async function compile(path: string, variant: Variant, onRead: (file: string) => void): Promise<Uint8Array> {
  const { default: compiler } = await import('assemblyscript/asc');
  const entry = basename(path);
  const read = (name: string): string | null => {
    const stem = join(dirname(path), basename(name)).replace(/\.as\.ts$/, '');
    const file = [`${stem}.${variant}.as.ts`, `${stem}.as.ts`].find((candidate) => existsSync(candidate));
    if (!name.endsWith('.as.ts') || name.startsWith('~') || file === undefined) return null;
    onRead(file);
    return readFileSync(file, 'utf8');
  };
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await compiler.main(
    [
      entry,
      '--outFile=module.wasm',
      '--runtime=stub',
      '--optimizeLevel=3',
      '--noAssert',
      '--enable=simd',
      ...(variant === 'strict' ? [] : ['--enable=relaxed-simd']),
      ...(variant === undefined ? [] : SHARED_MEMORY),
    ],
    {
      readFile: read,
      writeFile: (name, contents) => {
        if (name.endsWith('.wasm') && typeof contents !== 'string') wasm = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || wasm === undefined) {
    throw new Error(
      `AssemblyScript could not compile ${entry}: ${error?.message ?? 'no output'}\n${stderr.toString()}`,
    );
  }
  return wasm;
}
