/** What is shipped for other programs works: the generated client outside this repository's settings, Python, curl. */
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createInlineClient } from '#engine/api/inline';
import { runCli } from '#headless/run-cli';
import { serveWorkspace, type Served } from '#headless/serve';
import { createTestHost } from '../support/engine-host';
import { testTerminal } from '../support/test-terminal';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'sextant-clients-'));
const program = { workerEntry: '/nowhere/worker.js', rendererDir: null, root: '/nowhere' };
let served: Served;
let environment: NodeJS.ProcessEnv;

const has = (name: string): boolean => spawnSync(name, ['--version']).status === 0;

beforeAll(async () => {
  const host = createTestHost({ workspace: join(folder, 'workspace') });
  served = await serveWorkspace({ host, port: 0, rendererDir: null });
  const owner = createInlineClient(served.engine.router, 'owner');
  const scopes = ['read' as const, 'train' as const, 'execute' as const];
  const { secret } = await owner.tokens.create({ name: 'example', scopes, perMinute: 1_000 });
  environment = { ...process.env, SEXTANT_URL: served.url, SEXTANT_TOKEN: secret, TMPDIR: folder };
});
afterAll(async () => {
  await served.close();
  rmSync(folder, { recursive: true, force: true });
});

test(
  'the generated client compiles in a strict project of its own and does its work',
  { timeout: 180_000 },
  async () => {
    const project = join(folder, 'project');
    const terminal = testTerminal({ XDG_DATA_HOME: folder });
    expect(await runCli(['api', 'client', '--out', project], terminal, program), terminal.err()).toBe(0);
    cpSync('clients/typescript/example.ts', join(project, 'example.ts'));
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      target: 'es2023',
      module: 'nodenext',
      lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
      typeRoots: [resolve('node_modules/@types')],
      types: ['node'],
      outDir: 'out',
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['example.ts'] }));
    const compiled = spawnSync(process.execPath, [resolve('node_modules/@typescript/native/bin/tsc'), '-p', project], {
      encoding: 'utf8',
    });
    expect(compiled.stdout + compiled.stderr).toBe('');
    expect(compiled.status).toBe(0);
    cpSync(join(project, 'sextant.js'), join(project, 'out', 'sextant.js'));
    writeFileSync(join(project, 'out', 'package.json'), '{"type":"module"}');
    const { stdout } = await run(process.execPath, [join(project, 'out', 'example.js')], { env: environment });
    const lines = stdout.trim().split('\n');
    expect(lines.filter((line) => line === 'succeeded')).toHaveLength(2);
    expect(lines.slice(-3)).toEqual([
      expect.stringMatching(/^\d+ weights decided on \d{4}-\d\d-\d\d$/),
      'date,strategy,equity,gross,drawdown,rollingSharpe,exposure',
      'NOT_FOUND',
    ]);

    // The types are no decoration: a wrong field does not compile.
    writeFileSync(
      join(project, 'example.ts'),
      "import { createClient } from './sextant.js';\nawait createClient({ url: '', token: '' }).runs.show({ rum: 'x' });\n",
    );
    const wrong = spawnSync(process.execPath, [resolve('node_modules/@typescript/native/bin/tsc'), '-p', project], {
      encoding: 'utf8',
    });
    expect(wrong.stdout).toContain("'rum' does not exist");
  },
);

test.skipIf(!has('python3'))(
  'the Python example works (skipped where there is no python3)',
  { timeout: 120_000 },
  async () => {
    const { stdout } = await run('python3', ['clients/python/sextant_example.py'], { env: environment });
    const lines = stdout.trim().split('\n');
    expect(lines.filter((line) => line === 'succeeded')).toHaveLength(2);
    expect(lines.at(-1)).toBe('NOT_FOUND');
    expect(lines.at(-2)).toMatch(/^\d+ rows of date,strategy,equity,gross,drawdown,rollingSharpe,exposure$/);
  },
);

test.skipIf(!has('curl'))('the curl recipes work (skipped where there is no curl)', { timeout: 60_000 }, async () => {
  const { stdout, stderr } = await run('sh', ['clients/curl/recipes.sh'], { env: environment });
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n')).toEqual([
    expect.stringContaining('"status":"'),
    'answered alike',
    '1',
    '304',
    expect.stringContaining('asset,sector,firstDate,lastDate,rows,gaps'),
    'NOT_FOUND',
  ]);
});
