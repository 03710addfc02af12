/**
 * The sabotage twin of the lint configuration: a scratch repository with one file per rule that breaks it, and a twin
 * that keeps it. A rule that stays silent on its own violation fails here.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAYERS } from '../../scripts/lint/layers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Sample {
  readonly rule: string;
  /** Path and text of the file that must be reported. */
  readonly breaks: readonly [path: string, text: string];
  /** The nearest thing that is allowed. */
  readonly keeps?: readonly [path: string, text: string];
}

const imports = (specifier: string): string => `import { thing } from '${specifier}';\nexport const used = thing;\n`;

/** Every layer may not import any layer that the table does not name for it. */
const layerSamples: Sample[] = Object.entries(LAYERS).flatMap(([name, { mayImport }]) =>
  Object.keys(LAYERS)
    .filter((other) => other !== name && !mayImport.some((path) => path === other || path.startsWith(`${other}/`)))
    .map((other) => ({
      rule: 'house(layers)',
      breaks: [`src/${name}/forbidden-${other}.ts`, imports(`#${other}/thing`)],
    })),
);

const outside: readonly (readonly [layer: string, module: string])[] = [
  ['base', 'node:fs'],
  ['quant', 'node:crypto'],
  ['quant', 'fs'],
  ['contract', 'node:path'],
  ['engine', 'electron'],
  ['headless', 'electron'],
  ['compute', 'electron'],
  ['renderer', 'electron'],
  ['compute', 'better-sqlite3'],
  ['main', 'better-sqlite3'],
  ['engine', 'better-sqlite3'],
  ['compute', 'node:net'],
  ['compute', 'node:https'],
  ['engine', '@tensorflow/tfjs-core'],
  ['main', '@tensorflow/tfjs-node-gpu'],
  ['renderer', 'node:fs'],
  ['preload', 'node:fs'],
  ['engine', 'react'],
];

const samples: Sample[] = [
  ...layerSamples,
  ...outside.map(([layer, module], i) => ({
    rule: 'house(layers)',
    breaks: [`src/${layer}/outside-${i}.ts`, imports(module)] as const,
  })),
  {
    rule: 'house(layers)',
    breaks: ['src/contract/deep.ts', imports('#quant/models/ridge/model')],
    keeps: ['src/contract/registry-user.ts', imports('#quant/models/registry')],
  },
  {
    rule: 'house(layers)',
    breaks: ['src/quant/sideways.ts', imports('../engine/engine')],
    keeps: ['src/engine/upward.ts', imports('../base/errors').replace('../base', '#base')],
  },
  {
    rule: 'house(layers)',
    breaks: ['src/engine/lazy.ts', "export const load = () => import('#compute/job');\n"],
    keeps: ['src/engine/lazy-kept.ts', "export const load = () => import('#contract/index');\n"],
  },
  {
    rule: 'house(layers)',
    breaks: ['src/quant/a/b/far.ts', imports('../../panel')],
    keeps: ['src/quant/a/b/near.ts', imports('../panel')],
  },
  {
    rule: 'house(layers)',
    breaks: ['src/engine/jobs/sql.ts', imports('better-sqlite3')],
    keeps: ['src/engine/store/sql.ts', imports('better-sqlite3')],
  },
  {
    rule: 'house(layers)',
    breaks: ['src/base/reexport.ts', "export { thing } from '#engine/thing';\n"],
  },
  { rule: 'house(layers)', breaks: ['src/base/type-only.ts', "export type T = import('#engine/host').Host;\n"] },
  {
    rule: 'house(no-export-all)',
    breaks: ['src/base/star.ts', "export * from './thing';\n"],
    keeps: ['src/base/named.ts', "export { thing } from './thing';\n"],
  },
  {
    rule: 'house(cast-needs-reason)',
    breaks: ['src/base/cast.ts', 'export const text = (value: unknown) => {\n  return value as string;\n};\n'],
    keeps: [
      'src/base/cast-kept.ts',
      'export const text = (value: unknown) => value as string; // the caller checked\n',
    ],
  },
  {
    rule: 'house(no-database-serialize)',
    breaks: ['src/engine/copy.ts', 'export const copy = (db: { serialize(): Buffer }) => db.serialize();\n'],
    keeps: ['src/engine/clone.ts', "import v8 from 'node:v8';\nexport const copy = (x: unknown) => v8.serialize(x);\n"],
  },
  {
    rule: 'house(no-current-time)',
    breaks: ['src/quant/clock.ts', 'export const today = () => new Date();\n'],
    keeps: ['src/quant/day.ts', 'export const day = (ms: number) => new Date(ms);\n'],
  },
  {
    rule: 'eslint(no-restricted-properties)',
    breaks: ['src/quant/now.ts', 'export const now = () => Date.now();\n'],
    keeps: ['src/engine/now.ts', 'export const now = () => Date.now();\n'],
  },
  {
    rule: 'eslint(no-restricted-properties)',
    breaks: ['src/quant/dice.ts', 'export const draw = () => Math.random();\n'],
  },
  {
    rule: 'import(no-cycle)',
    breaks: ['src/base/ring-a.ts', "import { b } from './ring-b';\nexport const a = () => b;\n"],
  },
  {
    rule: 'import(no-cycle)',
    breaks: ['src/base/ring-b.ts', "import { a } from './ring-a';\nexport const b = () => a;\n"],
    keeps: ['src/base/chain.ts', "import { a } from './ring-a';\nexport const c = () => a;\n"],
  },
  {
    rule: 'import(no-default-export)',
    breaks: ['src/base/default.ts', 'export default 1;\n'],
    keeps: ['some.config.ts', 'export default 1;\n'],
  },
  { rule: 'typescript(no-explicit-any)', breaks: ['src/base/any.ts', 'export const x: any = 1;\n'] },
  {
    rule: 'typescript(no-non-null-assertion)',
    breaks: ['src/base/bang.ts', 'export const x = (y: number | null) => y!;\n'],
  },
  {
    rule: 'typescript(no-floating-promises)',
    breaks: ['src/base/floating.ts', 'async function go() {}\nexport function run() {\n  go();\n}\n'],
    keeps: ['src/base/awaited.ts', 'async function go() {}\nexport async function run() {\n  await go();\n}\n'],
  },
  {
    rule: 'typescript(switch-exhaustiveness-check)',
    breaks: [
      'src/base/switch.ts',
      "export function f(x: 'a' | 'b') {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}\n",
    ],
  },
  { rule: 'eslint(max-lines)', breaks: ['src/base/long.ts', 'export {};\n'.repeat(401)] },
  {
    rule: 'eslint(max-params)',
    breaks: [
      'src/base/wide.ts',
      'export const f = (a: 1, b: 1, c: 1, d: 1, e: 1, g: 1, h: 1) => [a, b, c, d, e, g, h];\n',
    ],
  },
  { rule: 'unicorn(filename-case)', breaks: ['src/base/CamelCase.ts', 'export {};\n'] },
  { rule: 'eslint(no-warning-comments)', breaks: ['src/base/later.ts', `// ${'TO'}${'DO'} finish\nexport {};\n`] },
  {
    rule: 'eslint(no-empty)',
    breaks: ['src/base/swallow.ts', 'export function f() {\n  try {\n    f();\n  } catch {}\n}\n'],
  },
];

let found = new Map<string, string[]>();
let scratch = '';

function write(path: string, text: string): void {
  mkdirSync(dirname(join(scratch, path)), { recursive: true });
  writeFileSync(join(scratch, path), text);
}

/** Rules reported per file, by one run of the linter over everything. */
function lint(): Map<string, string[]> {
  const args = ['--type-aware', '--quiet', '--format=json'];
  let output: string;
  try {
    output = execFileSync(process.execPath, [join(ROOT, 'node_modules/oxlint/bin/oxlint'), ...args], {
      cwd: scratch,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
  } catch (error) {
    output = String((error as { stdout?: unknown }).stdout);
  }
  const { diagnostics } = JSON.parse(output) as { diagnostics: { filename: string; code: string }[] };
  const rules = new Map<string, string[]>();
  for (const { filename, code } of diagnostics) rules.set(filename, [...(rules.get(filename) ?? []), code]);
  return rules;
}

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'sextant-lint-'));
  for (const path of ['oxlint.config.ts', 'scripts/lint', 'tsconfig.base.json', 'tsconfig.node.json', 'package.json']) {
    cpSync(join(ROOT, path), join(scratch, path), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(scratch, 'node_modules'));
  write('tsconfig.json', '{ "extends": "./tsconfig.base.json", "include": ["src/**/*.ts"] }');
  for (const { breaks, keeps } of samples) {
    write(...breaks);
    if (keeps !== undefined) write(...keeps);
  }
  found = lint();
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('every rule', () => {
  it.each(samples.map((sample) => ({ ...sample, file: sample.breaks[0] })))('$rule reports $file', ({ rule, file }) => {
    expect(found.get(file) ?? []).toContain(rule);
  });

  it.each(samples.flatMap(({ rule, keeps }) => (keeps === undefined ? [] : [{ rule, file: keeps[0] }])))(
    '$rule is silent on $file',
    ({ rule, file }) => {
      expect(found.get(file) ?? []).not.toContain(rule);
    },
  );
});
