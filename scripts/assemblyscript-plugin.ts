/**
 * Vite plugin: `import { bytes } from './gram.as.ts?compiled'` gives the WebAssembly module that AssemblyScript makes of that file.
 * Compiled at build time and inlined as base64, so that the importing code can instantiate it synchronously anywhere.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

const SUFFIX = '.as.ts?compiled';

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
      if (!id.endsWith(SUFFIX)) return undefined;
      const path = id.slice(0, id.lastIndexOf('?'));
      this.addWatchFile(path);
      const wasm = await compile(path);
      const code = [
        `const text = atob('${Buffer.from(wasm).toString('base64')}');`,
        'export const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));',
      ].join('\n');
      return { code, map: null, moduleType: 'js' };
    },
  };
}

async function compile(path: string): Promise<Uint8Array> {
  const { default: compiler } = await import('assemblyscript/asc');
  const entry = basename(path);
  const source = await readFile(path, 'utf8');
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await compiler.main(
    [
      entry,
      '--outFile=module.wasm',
      '--runtime=stub',
      '--optimizeLevel=3',
      '--noAssert',
      '--enable=simd',
      '--enable=relaxed-simd',
    ],
    {
      readFile: (name) => (basename(name) === entry ? source : null),
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
