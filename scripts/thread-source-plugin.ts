/**
 * Vite plugin: `import { source } from './thread.ts?thread-source'` gives that file and what it imports as the text of one script, for
 * `new Worker(source, { eval: true })`: threads start alike from sources, tests, benchmarks and the packed product.
 */
import { fileURLToPath } from 'node:url';

const SUFFIX = '?thread-source';
const root = fileURLToPath(new URL('..', import.meta.url));

interface ThreadSourcePlugin {
  readonly name: string;
  readonly enforce: 'pre';
  load(
    this: { addWatchFile(path: string): void },
    id: string,
  ): Promise<{ code: string; map: null; moduleType: 'js' } | undefined>;
}

export function threadSource(): ThreadSourcePlugin {
  return {
    name: 'sextant:thread-source',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith(SUFFIX)) return undefined;
      const { build } = await import('vite');
      const path = id.slice(0, -SUFFIX.length);
      const result = await build({
        configFile: false,
        root,
        logLevel: 'error',
        build: {
          ssr: path,
          write: false,
          minify: false,
          target: 'node24',
          rolldownOptions: { output: { format: 'cjs', codeSplitting: false } },
        },
      });
      const [output] = Array.isArray(result) ? result : [result];
      if (!('output' in output)) throw new Error(`Expected one bundle of ${path}, found a watcher.`);
      for (const file of Object.keys(output.output[0].modules)) this.addWatchFile(file);
      return { code: `export const source = ${JSON.stringify(output.output[0].code)};`, map: null, moduleType: 'js' };
    },
  };
}
