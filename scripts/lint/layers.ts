/**
 * The layer table: what each folder under `src/` may import. The lint configuration checks every
 * import against it, and tests/architecture proves that every forbidden import fails. To open a new road, change this table, and say why
 * in the commit.
 */

export interface Layer {
  /** Other layers, or files of a layer with `*` for one path segment, that may be imported as `#layer/…`. */
  readonly mayImport: readonly string[];
  /** Modules from outside the repository (regular expressions) that must not be seen, with the reason. */
  readonly neverSees: readonly { readonly modules: string; readonly why: string }[];
}

const node = {
  modules: '^node:|^(fs|path|os|crypto|child_process|worker_threads|http|net)(/|$)',
  why: 'it runs anywhere',
};
const electron = { modules: '^electron($|/)', why: 'only the Electron host may load Electron' };
const tensors = { modules: '^@tensorflow/', why: 'only a compute process may load TensorFlow' };
const sqlite = { modules: '^better-sqlite3', why: 'only engine/store may open the database' };
const network = {
  modules: '^node:(http|https|http2|net|tls|dgram)$|^(undici|ws)$',
  why: 'a job has no network',
};
const screen = { modules: '^(react|react-dom|@mantine/.*|zustand)($|/)', why: 'only the renderer draws' };

/** The light parts of the science: data shapes and registries, no computation. */
const registries = ['quant/*/registry', 'quant/spec', 'quant/research/config', 'quant/optimizers/constraints'];

export const LAYERS: Readonly<Record<string, Layer>> = {
  base: { mayImport: [], neverSees: [node, electron, tensors, sqlite, screen] },
  quant: { mayImport: ['base'], neverSees: [node, electron, tensors, sqlite, screen] },
  contract: {
    mayImport: ['base', ...registries, 'quant/prices/date-reader', 'quant/limits/limits'],
    neverSees: [node, electron, tensors, sqlite, screen],
  },
  engine: {
    mayImport: [
      'base',
      'contract',
      ...registries,
      'quant/panel',
      'quant/features/named-features',
      'quant/research/result',
      'quant/trading',
      'quant/backtest/costs',
      'quant/backtest/liquidity',
      'quant/limits',
      'quant/calendar',
    ],
    neverSees: [electron, tensors, sqlite, screen],
  },
  compute: { mayImport: ['base', 'contract', 'quant'], neverSees: [electron, sqlite, network, screen] },
  main: { mayImport: ['base', 'contract', 'engine'], neverSees: [tensors, sqlite, screen] },
  headless: { mayImport: ['base', 'contract', 'engine'], neverSees: [electron, tensors, sqlite, screen] },
  preload: { mayImport: ['contract/host-bridge', 'contract/gpu-window'], neverSees: [node, tensors, sqlite, screen] },
  renderer: { mayImport: ['base', 'contract', ...registries], neverSees: [node, electron, tensors, sqlite] },
};

/** The one folder that may open the database. */
export const STORE_FOLDER = 'src/engine/store';

/**
 * Why `importer` (path from the root of the repository, with `/`) may not import `specifier`; null where it may.
 * Value, type and dynamic imports are alike: a type of another layer is knowledge of it too.
 */
export function importProblem(importer: string, specifier: string): string | null {
  const target = targetOf(importer, specifier);
  const isOurs = importer.startsWith('src/') || LAYERS[target?.split('/')[0] ?? ''] !== undefined;
  if (/^\.\.\/\.\.(\/|$)/.test(specifier) && isOurs) {
    return "Expected the layer's name in a far import (#layer/path); found ../../ .";
  }
  const name = /^src\/([^/]+)\//.exec(importer)?.[1];
  const layer = name === undefined ? undefined : LAYERS[name];
  if (name === undefined || layer === undefined) return null;
  if (target !== null) {
    const isAllowed = [name, ...layer.mayImport].some((path) => matches(path, target));
    const mayImport = layer.mayImport.length === 0 ? 'nothing' : layer.mayImport.join(', ');
    return isAllowed ? null : `src/${name} may import only: ${mayImport}. Found ${target}.`;
  }
  const isTest = /\.test\.tsx?$/.test(importer);
  for (const { modules, why } of layer.neverSees) {
    const isExcused =
      (isTest && modules === node.modules) ||
      (modules === sqlite.modules && (importer.startsWith(`${STORE_FOLDER}/`) || (isTest && name === 'engine')));
    if (!isExcused && new RegExp(modules).test(specifier)) return `Not in src/${name}: ${why}. Found ${specifier}.`;
  }
  return null;
}

/** `layer/path` of an import of our own sources, written either way; null for modules from outside. */
function targetOf(importer: string, specifier: string): string | null {
  if (specifier.startsWith('#')) return specifier.slice(1);
  if (!specifier.startsWith('.')) return null;
  const parts = importer.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts[0] === 'src' ? parts.slice(1).join('/') : parts.join('/');
}

function matches(allowed: string, target: string): boolean {
  return new RegExp(`^${allowed.replaceAll('*', '[^/]+')}(/|$)`).test(target);
}
