/** The shipped command line as a user runs it: real processes, a real workspace, real files. */
import { createServer } from 'node:http';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AddressInfo } from 'node:net';
import { buildProgram, runProgram, type CliOptions, type CliResult } from '../support/program';
import { startChild } from '../support/child';

const folder = mkdtempSync(join(tmpdir(), 'sextant-cli-'));
const workspace = join(folder, 'workspace');
const environment = { XDG_DATA_HOME: join(folder, 'data'), XDG_CONFIG_HOME: join(folder, 'config') };

const sextant = (words: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
  runProgram(['--workspace', workspace, ...words], { environment, cwd: folder, ...options });

async function json(words: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await sextant(['--json', ...words]);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${String(code)}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>; // the shape is checked where it matters
}

const QUICK = [
  'data: { dataset: sample, from: 2021-01-01 }',
  'model: { forecast: null, optimizer: { id: inverse-volatility } }',
  'backtest: { window: { train: 126 }, lookback: 63 }',
  'experiment: { name: quick, bootstrap: { replications: 100 } }',
].join('\n');

beforeAll(async () => {
  await buildProgram();
  writeFileSync(join(folder, 'quick.yaml'), QUICK);
  await json(['datasets', 'generate']);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a run from a file', () => {
  test(
    'is followed to its end, shown, exported and reported; only results go to stdout',
    { timeout: 120_000 },
    async () => {
      const { code, stdout, stderr } = await sextant([
        '--json',
        'runs',
        'start',
        '--file',
        'quick.yaml',
        '--seed',
        '7',
      ]);
      expect(code, stderr).toBe(0);
      const answer = JSON.parse(stdout) as { run: string; status: string; result: { config: unknown } }; // as above
      expect(answer).toMatchObject({ status: 'succeeded', result: { status: 'succeeded' } });
      expect(answer.result.config).toMatchObject({ experiment: { name: 'quick', seed: 7 } });
      expect(stderr).toMatch(/ %\n/);
      expect(stderr).not.toContain('\u001b');

      const shown = await sextant(['runs', 'show', 'latest']);
      expect(shown.stdout).toContain(answer.run);
      expect(shown.stdout).not.toMatch(/NaN|undefined|\[object/);
      const exported = await sextant(['portfolios', 'export', 'latest', '--out', 'weights.csv']);
      expect(exported.stdout.trim()).toBe(join(folder, 'weights.csv'));
      expect(readFileSync(join(folder, 'weights.csv'), 'utf8')).toMatch(/^asset,/);
      expect(statSync(join(folder, 'weights.csv')).mode & 0o777).toBe(0o600);
      const words = ['--run', 'latest', '--kind', 'recommendation', '--format', 'pdf,xlsx,html', '--out', 'reports'];
      const report = await json(['reports', 'create', ...words]);
      const written = report.paths as string[]; // the command answers with the files that it wrote
      const heads = written.map((path) => readFileSync(path).subarray(0, 9).toString('latin1'));
      expect(heads).toEqual(['<!doctype', expect.stringMatching(/^%PDF-1/), expect.stringMatching(/^PK/)]);
      for (const path of written) expect(statSync(path).mode & 0o777).toBe(0o600);
      expect((await sextant(['reports', 'download', 'latest', '--format', 'pdf'])).stderr).toMatch(/--out/);
      expect((await sextant(['portfolios', 'export', 'latest'])).stdout).toMatch(/^asset,/);
    },
  );

  test('with mistakes is refused with file, line and column, and nothing is stored', async () => {
    writeFileSync(join(folder, 'wrong.yaml'), `${QUICK.replace('window', 'windwo')}\nmodle: {}\n`);
    const before = await json(['runs', 'list']);
    const { code, stdout, stderr } = await sextant(['runs', 'start', '--file', 'wrong.yaml']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^wrong\.yaml:3:13 backtest\.windwo: .* Did you mean "window"\?$/),
      expect.stringMatching(/^wrong\.yaml:5:1 modle: .* Did you mean "model"\?$/),
    ]);
    expect(await json(['runs', 'list'])).toEqual(before);
    expect((await sextant(['runs', 'start', '--file', 'absent.yaml'])).code).toBe(4);
  });

  test('is cancelled by Ctrl-C, with exit code 130', { timeout: 60_000 }, async () => {
    writeFileSync(join(folder, 'long.yaml'), QUICK.replace('replications: 100', 'replications: 20000'));
    let sent = false;
    const { code, stderr } = await sextant(['runs', 'start', '--file', 'long.yaml'], {
      onStderr: (text, kill) => {
        if (!sent && text.includes('%')) kill('SIGINT');
        sent ||= text.includes('%');
      },
    });
    expect(stderr).toContain('Cancelling the job');
    expect(code).toBe(130);
    const { runs } = await json(['runs', 'list', '--limit', '1']);
    expect(runs).toMatchObject([{ status: 'cancelled' }]);
  });
});

describe('exit codes and stdout', () => {
  test('follow the error codes', async () => {
    expect((await sextant(['datasets', 'show', 'nothing'])).code).toBe(4);
    expect((await sextant(['datasets', 'remove', 'sample'])).code).toBe(5);
    expect((await sextant(['jobs', 'show', 'short'])).code).toBe(2);
    const failed = await sextant(['--json', 'datasets', 'import', 'absent.csv', '--name', 'x']);
    expect(failed.code).not.toBe(0);
    expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: expect.any(String), message: /absent\.csv/ } });
    const wrongKey = await sextant(['datasets', 'list'], {
      environment: { ...environment, SEXTANT_KEY: 'ab'.repeat(32) },
    });
    expect(wrongKey.code).toBe(9);
  });

  test('an answer comes within two seconds of a cold start', async () => {
    const started = performance.now();
    await json(['datasets', 'list']);
    const elapsed = performance.now() - started;
    console.log(`cold start to first answer: ${elapsed.toFixed(0)} ms`);
    expect(elapsed).toBeLessThan(2000);
  });

  test('a reader that closes the pipe early is no error', async () => {
    const cli = await buildProgram();
    const { spawnSync } = await import('node:child_process');
    const line = `"${process.execPath}" "${cli}" --workspace "${workspace}" catalog show --json | head -c 10`;
    const { stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8', env: { ...process.env, ...environment } });
    expect(stderr).toBe('');
  });
});

describe('serve', () => {
  async function serve(words: readonly string[] = []) {
    const child = startChild(
      await buildProgram(),
      ['--workspace', workspace, '--json', 'serve', '--port', '0', ...words],
      environment,
    );
    const { url, tokenFile } = JSON.parse(await child.line(/^\{/)) as { url: string; tokenFile: string }; // as above
    return { child, url, tokenFile };
  }

  test(
    'prints where it listens; the command line attaches to it; SIGTERM ends it and leaves nothing',
    { timeout: 60_000 },
    async () => {
      const { child, url, tokenFile } = await serve();
      expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
      const token = readFileSync(tokenFile, 'utf8');
      const health = (headers: Record<string, string>) => fetch(`${url}/api/v1/system/health`, { headers });
      expect((await health({})).status).toBe(401);
      expect((await health({ 'x-api-token': token })).status).toBe(200);
      const attached = await sextant(['--verbose', 'datasets', 'list']);
      expect(attached.stderr).toContain(`url=${url}`);
      expect(attached.stdout).toContain('sample');
      const link = await sextant(['open']);
      expect(link.stdout).toMatch(new RegExp(`^${url}/#code=[\\w-]{43}\\n$`));
      const uploaded = await json(['datasets', 'upload', '--file', 'quick.yaml']);
      expect(uploaded).toMatchObject({ name: 'quick.yaml', bytes: QUICK.length });
      expect(readFileSync(String(uploaded.path), 'utf8')).toBe(QUICK);
      const followed = await sextant(['--json', 'runs', 'start', '--file', 'quick.yaml']);
      expect(JSON.parse(followed.stdout)).toMatchObject({ status: 'succeeded' });
      const detached = await sextant(['--json', 'runs', 'rerun', 'latest', '--detach']);
      expect(JSON.parse(detached.stdout)).toEqual({
        run: expect.any(String),
        job: expect.any(String),
        name: expect.any(String),
      });
      const second = await sextant(['serve', '--port', '0']);
      expect([second.code, second.stderr]).toEqual([9, expect.stringContaining('is using it')]);
      child.process.kill('SIGTERM');
      await child.closed;
      expect(child.process.exitCode).toBe(0);
      const left = ['api-token', 'command-line-token', 'host.json', 'uploading'];
      expect(left.filter((name) => existsSync(join(workspace, name)))).toEqual([]);
    },
  );

  test('lets sixty requests a minute through and not one more', { timeout: 60_000 }, async () => {
    const { child, url, tokenFile } = await serve();
    const headers = { 'x-api-token': readFileSync(tokenFile, 'utf8') };
    const statuses: number[] = [];
    for (let i = 0; i < 65; i++) statuses.push((await fetch(`${url}/api/v1/system/health`, { headers })).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(60);
    expect(statuses.slice(60)).toEqual([429, 429, 429, 429, 429]);
    child.process.kill('SIGINT');
    await child.closed;
    expect(child.process.exitCode).toBe(0);
  });

  test('says so where the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo; // a TCP server's address
    const { code, stderr } = await sextant(['serve', '--port', String(port)]);
    other.close();
    expect([code, stderr]).toEqual([5, expect.stringContaining(`port ${port} to be free`)]);
  });

  test('stops by the contract', { timeout: 60_000 }, async () => {
    const { child } = await serve();
    expect((await sextant(['system', 'shutdown'])).code).toBe(0);
    await child.closed;
    expect(child.process.exitCode).toBe(0);
  });
});

test('a program that squats on the published address is never shown the token', { timeout: 60_000 }, async () => {
  const asked: string[] = [];
  const squatter = createServer((request, response) => {
    asked.push(JSON.stringify(request.headers));
    response.setHeader('X-Sextant-Proof', 'ab'.repeat(32));
    response.end('{"status":"ok","store":"ok","runningJobs":0}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  const { port } = squatter.address() as AddressInfo; // a TCP server's address
  const token = 'c2VjcmV0LXRva2VuLW9mLXRoZS1ob3N0LWl0c2VsZg';
  const tokenFile = join(workspace, 'api-token');
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(tokenFile, token, { mode: 0o600 });
  writeFileSync(
    join(workspace, 'host.json'),
    JSON.stringify({ pid: 1, url, tokenFile, startedAt: '2026-01-01T00:00:00Z' }),
  );
  for (let i = 0; i < 3; i++) {
    const { code, stderr } = await sextant(['datasets', 'list']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('another program')]);
  }
  squatter.close();
  expect(asked).toHaveLength(3);
  expect(asked.join()).not.toContain(token);
  expect((await sextant(['datasets', 'list'])).code).toBe(0);
  rmSync(tokenFile);
});

test('no secret is in the arguments or the environment of a worker', { timeout: 60_000 }, async () => {
  const key = 'cd'.repeat(32);
  const other = join(folder, 'secret-workspace');
  const child = startChild(await buildProgram(), ['--workspace', other, 'demo'], { ...environment, SEXTANT_KEY: key });
  const seen = new Set<string>();
  const { readdirSync } = await import('node:fs');
  while (child.process.exitCode === null) {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        if (!status.includes(`PPid:\t${String(child.process.pid)}\n`)) continue;
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        // Between fork and exec a child still shows the memory of its parent.
        if (!command.includes('worker.js')) continue;
        const text = readFileSync(`/proc/${pid}/environ`, 'utf8') + command;
        seen.add(text.includes(key) ? 'secret' : 'clean');
      } catch {
        continue; // the process has ended meanwhile
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(child.process.exitCode).toBe(0);
  expect([...seen]).toEqual(['clean']);
  expect(child.lines.join('\n')).toMatch(/Sharpe/);
});

test('the demo ends by itself with a table, weights and a private report', { timeout: 90_000 }, async () => {
  const { code, stdout, stderr } = await runProgram(['demo', '--workspace', join(folder, 'demo')], {
    environment,
    cwd: folder,
  });
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/STRATEGY +ROLE/);
  expect(stdout).toMatch(/equal-weight/);
  expect(stdout).toMatch(/ASSET +SECTOR +WEIGHT/);
  const report = /^Report +(.+)$/m.exec(stdout)?.[1] ?? '';
  expect(statSync(report).mode & 0o777).toBe(0o600);
  expect(stdout).toContain(`Workspace  ${join(folder, 'demo')}`);
});
