/** The scripts that run before anything is installed: they say what they do on stderr, take turns, and explain failures. */
import { execFile, type ExecFileException } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fetchElectron } from '../../scripts/fetch-electron.mjs';
import { findElectron } from '../../scripts/find-electron.mjs';
import { scratchFolder } from '../support/scratch';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Result {
  readonly code: number | string | null | undefined;
  readonly signal: NodeJS.Signals | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function node(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Result> {
  // A test runs inside `npm test`: what that leaves in the environment is not what a newcomer has.
  const { npm_execpath: _script, npm_node_execpath: _node, ...rest } = process.env;
  return new Promise((resolve) => {
    const finish = (error: ExecFileException | null, stdout: string, stderr: string): void =>
      resolve({ code: error?.code ?? 0, signal: error?.signal, stdout, stderr });
    execFile(process.execPath, args, { cwd, env: { ...rest, ...env }, timeout: 50_000 }, finish);
  });
}

/** A checkout in miniature: the scripts, one dependency, nothing installed. */
function checkout(dependencies: Record<string, string> = {}): string {
  const folder = scratchFolder();
  cpSync(join(ROOT, 'scripts'), join(folder, 'scripts'), { recursive: true });
  const manifest = { name: 'miniature', version: '1.0.0', type: 'module', dependencies };
  const packages = Object.fromEntries(
    Object.entries(dependencies).map(([name, version]) => [`node_modules/${name}`, { version }]),
  );
  const lock = { name: 'miniature', version: '1.0.0', lockfileVersion: 3, packages: { '': manifest, ...packages } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  mkdirSync(join(folder, 'bench'));
  return folder;
}

/** Pretends to run on another version of Node. */
function asNode(version: string): string[] {
  const text = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
  return ['--import', `data:text/javascript,${encodeURIComponent(text)}`];
}

describe('launch', () => {
  it('names its targets when it is called wrongly', async () => {
    const { code, stdout, stderr } = await node(['scripts/launch.mjs', 'fly'], checkout());
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('Expected one of cli, demo, start, build, test, check, bench, pack-gpu-bench, found fly.');
  });

  it('says what to do on a Node that is too old', async () => {
    const { code, stderr } = await node([...asNode('18.20.0'), 'scripts/launch.mjs', 'cli'], checkout());
    expect(code).toBe(1);
    expect(stderr).toContain('Expected Node.js 20 or newer');
  });

  it('installs what is locked, says so on stderr, and does nothing the second time', async () => {
    const folder = checkout();
    mkdirSync(join(folder, 'bench'), { recursive: true });
    writeFileSync(join(folder, 'scripts/check.ts'), "process.stdout.write('ran');\n");
    const first = await node(['scripts/launch.mjs', 'check'], folder);
    expect(first).toMatchObject({ code: 0, stdout: 'ran' });
    expect(first.stderr).toMatch(/installing packages as locked[\s\S]*packages installed in \d+ s/);
    expect(existsSync(join(folder, 'node_modules/.sextant-setup.json'))).toBe(true);
    expect(await node(['scripts/launch.mjs', 'check'], folder)).toMatchObject({ code: 0, stdout: 'ran', stderr: '' });
  });

  it('passes the exit code, the arguments and the death by a signal on', async () => {
    const folder = checkout();
    const target = join(folder, 'scripts/check.ts');
    writeFileSync(target, 'process.exitCode = Number(process.argv[2]);\n');
    expect((await node(['scripts/launch.mjs', 'check', '7'], folder)).code).toBe(7);
    writeFileSync(target, "process.kill(process.pid, 'SIGTERM');\nsetInterval(() => {}, 1000);\n");
    expect((await node(['scripts/launch.mjs', 'check'], folder)).code).toBe(128 + 15);
  });

  it('explains that the registry cannot be reached', async () => {
    const folder = checkout({ 'left-out': '1.0.0' });
    const offline = {
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_fetch_retries: '0',
      npm_config_cache: folder,
    };
    const { code, stdout, stderr } = await node(['scripts/launch.mjs', 'check'], folder, offline);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('npm ci failed. The npm registry could not be reached.');
  });

  it('explains that package.json and the lock disagree', async () => {
    const folder = checkout();
    const manifest = { name: 'miniature', version: '1.0.0', type: 'module', dependencies: { other: '1.0.0' } };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    const { code, stderr } = await node(['scripts/launch.mjs', 'check'], folder);
    expect(code).toBe(1);
    expect(stderr).toContain('package.json and package-lock.json disagree');
  });
});

describe('the set-up lock', () => {
  const holder = `
    import { appendFileSync } from 'node:fs';
    import { withSetupLock } from './scripts/setup-lock.mjs';
    await withSetupLock('.', () => {}, async () => {
      appendFileSync('order', 'in ');
      await new Promise((resolve) => setTimeout(resolve, 60));
      appendFileSync('order', 'out ');
    });`;

  it('lets one set-up in at a time', async () => {
    const folder = checkout();
    await Promise.all([1, 2, 3, 4].map(() => node(['--input-type=module', '-e', holder], folder)));
    expect(readFileSync(join(folder, 'order'), 'utf8')).toBe('in out '.repeat(4));
    expect(existsSync(join(folder, '.cache/setup.lock'))).toBe(false);
  });

  it('takes over the lock of a process that is gone', async () => {
    const folder = checkout();
    mkdirSync(join(folder, '.cache'));
    writeFileSync(join(folder, '.cache/setup.lock'), '999999999');
    expect((await node(['--input-type=module', '-e', holder], folder)).code).toBe(0);
    expect(readFileSync(join(folder, 'order'), 'utf8')).toBe('in out ');
  });

  it('is freed when the work fails', async () => {
    const folder = checkout();
    const failing = holder.replace("appendFileSync('order', 'out ')", "throw new Error('no space')");
    expect((await node(['--input-type=module', '-e', failing], folder)).code).toBe(1);
    expect((await node(['--input-type=module', '-e', holder], folder)).code).toBe(0);
  });
});

describe('findElectron', () => {
  const folder = (): string => {
    const dist = scratchFolder();
    writeFileSync(join(dist, 'electron'), '');
    return dist;
  };

  it('finds the program where Electron was told to look', () => {
    const dist = folder();
    const found = { ok: true, path: join(dist, 'electron') };
    expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: dist, DISPLAY: ':0' }, 'linux', 1000)).toEqual(found);
    expect(findElectron({ ELECTRON_EXEC_PATH: join(dist, 'electron') }, 'darwin', 501)).toEqual(found);
  });

  it.each([
    ['there is no display', {}, 1000],
    ['as root', { DISPLAY: ':0' }, 0],
  ])('says that %s', (why, env, user) => {
    const found = findElectron({ ELECTRON_OVERRIDE_DIST_PATH: folder(), ...env }, 'linux', user);
    expect(found).toMatchObject({ ok: false, why: expect.stringContaining(why) });
  });

  it('says that the program is missing, without downloading anything', () => {
    expect(findElectron({ ELECTRON_EXEC_PATH: '/nowhere/electron' }, 'darwin')).toMatchObject({
      ok: false,
      why: 'ELECTRON_EXEC_PATH names /nowhere/electron, which does not exist',
    });
    const missing = { ELECTRON_OVERRIDE_DIST_PATH: '/nowhere', DISPLAY: ':0' };
    expect(findElectron(missing, 'linux', 1000)).toEqual({
      ok: false,
      why: expect.stringContaining('has not been downloaded'),
    });
  });
});

describe('fetchElectron', () => {
  const installer = (text: string): string => {
    const file = join(scratchFolder(), 'install.cjs');
    writeFileSync(file, text);
    return file;
  };

  it('answers when the installer is done', async () => {
    expect(await fetchElectron(installer(''))).toEqual({ ok: true });
  });

  it('passes the reason of a failure on in one line', async () => {
    const failing = installer("throw new Error('getaddrinfo ENOTFOUND github.com');");
    expect(await fetchElectron(failing)).toMatchObject({ ok: false, why: expect.stringContaining('ENOTFOUND') });
  });

  it('gives up on a download that hangs', async () => {
    const hanging = installer('setInterval(() => {}, 1000);');
    expect(await fetchElectron(hanging, { limitMs: 300 })).toEqual({ ok: false, why: 'no answer within 0.3 s' });
  });
});
