/**
 * Makes a fresh clone ready: packages installed as locked, sources built, a browser for the browser tests.
 * Each step looks first and does nothing when there is nothing to do; two set-ups at once take turns.
 * Runs on Node 20 without any package. Speaks on stderr only, and explains failures in a sentence.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withSetupLock } from './setup-lock.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const packagesStamp = join(root, 'node_modules', '.sextant-setup.json');
const buildStamp = join(root, 'out', '.build-stamp.json');
const built = ['out/main/cli.js', 'out/main/worker.js', 'out/renderer/index.html'];
/** What the build reads. Tests are left out: editing one must not cost a build. */
const sources = [
  'src',
  'scripts/assemblyscript-plugin.ts',
  'electron.vite.config.ts',
  'package.json',
  'tsconfig.base.json',
];

function say(line) {
  process.stderr.write(`sextant: ${line}\n`);
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

// --- packages ---------------------------------------------------------------------------------------------------

/** Whether npm's own record of what is installed has every package that the lock asks for, at the same version. */
function isInstalledAsLocked(lockText) {
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (!installed) return false;
  return Object.entries(JSON.parse(lockText).packages).every(
    ([path, entry]) =>
      path === '' || (installed[path] ? installed[path].version === entry.version : entry.optional || entry.peer),
  );
}

/** Installs what package-lock.json says, unless that is what is installed. */
export async function ensurePackages() {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const lockHash = sha256(lockText);
  const isReady = () => readJson(packagesStamp)?.lockHash === lockHash;
  if (isReady()) return;
  await withSetupLock(root, say, async () => {
    if (isReady()) return;
    if (!isInstalledAsLocked(lockText)) {
      say('installing packages as locked (npm ci, about a minute the first time)');
      await installPackages();
    }
    mkdirSync(dirname(packagesStamp), { recursive: true });
    writeFileSync(packagesStamp, `${JSON.stringify({ lockHash })}\n`);
  });
}

async function installPackages() {
  // npm is run by the Node that npm itself runs on: the one in node_modules is about to be replaced.
  const npmScript = process.env.npm_execpath;
  const isNpm = npmScript !== undefined && /npm-cli\.c?js$/.test(npmScript);
  const command = isNpm ? (process.env.npm_node_execpath ?? process.execPath) : 'npm';
  // No package of ours needs its install script, and an old npm would not know `allowScripts`.
  const args = [...(isNpm ? [npmScript] : []), 'ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const started = Date.now();
  const { code, output } = await runQuietly(command, args, { doing: 'installing packages' });
  if (code !== 0) throw new Error(`${installFailure(output)}\n${lastLines(output)}`);
  say(`packages installed in ${seconds(started)}`);
}

function installFailure(output) {
  const causes = [
    [/ENOSPC/, 'The disk is full: installing the packages needs about 1 GB.'],
    [/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET/, 'The npm registry could not be reached.'],
    [/EACCES|EPERM/, `No permission to write in ${join(root, 'node_modules')}.`],
    [/EINTEGRITY/, 'A downloaded package differs from the one that was locked.'],
    [/EUSAGE|can only install packages when/, 'package.json and package-lock.json disagree: run `npm install`.'],
    [/ENOENT.*spawn|spawn .*ENOENT/, 'npm was not found: install Node.js with npm.'],
  ];
  return `npm ci failed. ${causes.find(([pattern]) => pattern.test(output))?.[1] ?? 'npm says why:'}`;
}

// --- build ------------------------------------------------------------------------------------------------------

/** Path, size and time of change of every source file; the contents too where `withContents` asks for it. */
function fingerprint(withContents) {
  const hash = createHash('sha256').update(headCommit());
  const visit = (path) => {
    const info = statSync(path, { throwIfNoEntry: false });
    if (!info) return;
    if (info.isDirectory()) {
      for (const name of readdirSync(path).sort()) visit(join(path, name));
      return;
    }
    if (/\.test\.tsx?$/.test(path)) return;
    hash.update(`${relative(root, path)}\0`);
    hash.update(withContents ? readFileSync(path) : `${info.size}:${info.mtimeMs}\0`);
  };
  for (const source of sources) visit(join(root, source));
  return hash.digest('hex');
}

/** The commit that is checked out, read without starting git: runs store it, so a new commit means a new build. */
function headCommit() {
  try {
    const head = readFileSync(join(root, '.git', 'HEAD'), 'utf8').trim();
    if (!head.startsWith('ref: ')) return head;
    const loose = join(root, '.git', head.slice(5));
    if (existsSync(loose)) return readFileSync(loose, 'utf8').trim();
    return statSync(join(root, '.git', 'packed-refs')).mtimeMs.toString();
  } catch {
    return 'no git checkout';
  }
}

/** Builds out/ unless it was built from these sources. */
export async function ensureBuild(node, { always = false } = {}) {
  const isBuilt = () => built.every((file) => existsSync(join(root, file)));
  const isFresh = () => isBuilt() && readJson(buildStamp)?.quick === fingerprint(false);
  if (!always && isFresh()) return;
  await withSetupLock(root, say, async () => {
    if (!always && isFresh()) return;
    const stamp = { quick: fingerprint(false), contents: fingerprint(true) };
    if (always || !isBuilt() || readJson(buildStamp)?.contents !== stamp.contents) {
      const started = Date.now();
      say('building');
      rmSync(buildStamp, { force: true });
      const { code, output } = await runQuietly(
        node,
        [join(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'build'],
        {
          doing: 'building',
        },
      );
      if (code !== 0) throw new Error(`The build failed.\n${lastLines(output)}`);
      say(`built in ${seconds(started)}`);
    }
    mkdirSync(dirname(buildStamp), { recursive: true });
    writeFileSync(buildStamp, `${JSON.stringify(stamp)}\n`);
  });
}

// --- browser ----------------------------------------------------------------------------------------------------

export function chromiumPath() {
  return process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
}

/** Installs Debian's Chromium where that can be done without asking; otherwise says what is needed and goes on. */
export async function ensureBrowser() {
  if (existsSync(chromiumPath())) return;
  const canInstall =
    process.env.CHROMIUM_PATH === undefined && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!canInstall) {
    say(`no browser at ${chromiumPath()}: the browser tests need Chromium (set CHROMIUM_PATH to where it is)`);
    return;
  }
  await withSetupLock(root, say, async () => {
    if (existsSync(chromiumPath())) return;
    const started = Date.now();
    say('installing Chromium for the browser tests (apt-get)');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const steps = [
      ['update', '-q'],
      ['install', '-qy', '--no-install-recommends', 'chromium', 'fonts-dejavu-core', 'strace'],
    ];
    for (const args of steps) {
      const { code, output } = await runQuietly('apt-get', args, { doing: 'installing Chromium', env });
      if (code !== 0) {
        say(`Chromium could not be installed, the browser tests cannot run.\n${lastLines(output)}`);
        return;
      }
    }
    say(`Chromium installed in ${seconds(started)}`);
  });
}

// --- child processes --------------------------------------------------------------------------------------------

function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(0)} s`;
}

function lastLines(output) {
  return output.trimEnd().split('\n').slice(-20).join('\n');
}

/** Runs a command, keeps what it prints, and says every ten seconds that it is still at it. */
function runQuietly(command, args, { doing, env = process.env }) {
  return new Promise((resolve) => {
    const started = Date.now();
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-200_000);
    };
    const path = `${dirname(process.execPath)}${delimiter}${env.PATH ?? ''}`;
    const child = spawn(command, args, {
      cwd: root,
      env: { ...env, PATH: path, NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const timer = setInterval(() => say(`still ${doing} (${seconds(started)})`), 10_000);
    const end = (code) => {
      clearInterval(timer);
      resolve({ code, output });
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      keep(`spawn ${command}: ${error.message}`);
      end(1);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}
