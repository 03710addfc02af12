/**
 * What every browser test starts from: a host of its own on a fresh workspace, and the screen, signed in. The same tests
 * run against the headless host in Chromium and, where Electron can run, against the desktop window.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { _electron, test as base, type Page } from '@playwright/test';
import { findElectron } from '../../scripts/find-electron.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'out/main/cli.js');

export interface Host {
  /** Absolute path of the workspace folder. */
  readonly workspace: string;
  /** `http://127.0.0.1:<port>` of the headless host; the command line attaches to either host by the workspace. */
  readonly url: string | null;
  /** Runs `sextant <words> --json` against this workspace and returns what it prints. Rejects with what it said on stderr. */
  sextant(...words: string[]): Promise<unknown>;
  /** Shows the screen, signed in. */
  open(page: Page): Promise<void>;
  /** Ends the host as a user would; the screen then sees a lost connection. */
  stop(): Promise<void>;
}

interface Fixtures {
  /** A running host on a fresh, empty workspace; ended and removed after the test. */
  readonly host: Host;
  /** The screen of that host. Fails the test when the page threw or reported a violated content policy. */
  readonly app: Page;
}

export const test = base.extend<Fixtures>({
  host: async ({}, use, info) => {
    const folder = mkdtempSync(join(tmpdir(), 'sextant-browser-'));
    const host = info.project.name === 'electron' ? desktopHost(folder) : await headlessHost(folder);
    try {
      await use(host);
    } finally {
      await host.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },

  app: async ({ host, page, context }, use, info) => {
    if (info.project.name === 'electron') {
      const desktop = await launchDesktop(host);
      await use(desktop.page);
      await desktop.close();
      return;
    }
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) problems.push(message.text());
    });
    await context.grantPermissions(['clipboard-write']).catch(() => {});
    await host.open(page);
    await use(page);
    base.expect(problems, 'the page threw, or broke its content policy').toEqual([]);
  },
});

export const { expect } = base;

/** The key is the test's own, so that no keychain and no folder of the user is touched. */
function environment(folder: string): NodeJS.ProcessEnv {
  return { ...process.env, XDG_CONFIG_HOME: join(folder, 'config'), SEXTANT_KEY: '5e'.repeat(32) };
}

function runCli(folder: string, workspace: string, words: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = { env: environment(folder), maxBuffer: 1 << 26 };
    execFile(
      process.execPath,
      [cli, '--workspace', workspace, ...words, '--json'],
      options,
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout === '' ? null : JSON.parse(stdout));
        else reject(new Error(`sextant ${words.join(' ')}: ${stderr}`, { cause: error }));
      },
    );
  });
}

async function headlessHost(folder: string): Promise<Host> {
  const workspace = join(folder, 'workspace');
  const args = [cli, '--workspace', workspace, 'serve', '--port', '0', '--per-minute', '100000', '--json'];
  const child = spawn(process.execPath, args, { env: environment(folder), stdio: ['ignore', 'pipe', 'pipe'] });
  const { url } = await firstLine(child);
  return {
    workspace,
    url,
    sextant: (...words) => runCli(folder, workspace, words),
    async open(page) {
      const link = (await runCli(folder, workspace, ['open'])) as { url: string }; // what `sextant open --json` prints
      await page.goto(link.url);
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Resolves to what the host prints when it listens; rejects with its diagnostics when it ends instead. */
async function firstLine(child: ChildProcess): Promise<{ url: string }> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the host was started without pipes');
  let diagnostics = '';
  stderr.setEncoding('utf8').on('data', (text: string) => (diagnostics += text));
  return new Promise((resolve, reject) => {
    createInterface({ input: stdout }).once('line', (line) => resolve(JSON.parse(line)));
    child.once('exit', (code) => reject(new Error(`the host ended with code ${code}: ${diagnostics}`)));
  });
}

function desktopHost(folder: string): Host {
  const workspace = join(folder, 'workspace');
  return {
    workspace,
    url: null,
    sextant: (...words) => runCli(folder, workspace, words),
    open: async () => {},
    stop: async () => {},
  };
}

async function launchDesktop(host: Host): Promise<{ page: Page; close: () => Promise<void> }> {
  const electron = findElectron();
  if (!electron.ok) throw new Error(electron.why);
  const userData = join(host.workspace, '..');
  const program = await _electron.launch({
    executablePath: electron.path,
    args: [root, `--user-data-dir=${userData}`],
    env: Object.fromEntries(
      Object.entries(environment(userData)).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  });
  return { page: await program.firstWindow(), close: () => program.close() };
}
