/**
 * Finds the Node 24 that this checkout runs on (the locked package of this platform, else the system's own if it is
 * new enough) and runs one script under it with the caller's terminal, signals and exit code.
 * Runs on Node 20 without any package.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = 24;

/** Absolute path of a Node >= 24. Throws a sentence when there is none. */
export function findNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  const name = `node-${platform}-${process.arch}`;
  // A hoisted dependency of another project lies beside this package, not inside it.
  for (const modules of [join(root, 'node_modules'), dirname(root)]) {
    const path = join(modules, name, 'bin', program);
    if (existsSync(path)) return path;
  }
  if (Number(process.versions.node.split('.')[0]) >= wanted) return process.execPath;
  throw new Error(
    `Expected Node.js ${wanted} or newer, found ${process.version}, and there is no ${name} package for this platform. ` +
      `Install Node.js ${wanted} and start again.`,
  );
}

/**
 * Runs `script` (relative to the checkout) and resolves to its exit code; a child that died of a signal gives 128 + number.
 * Ctrl-C reaches the child through the terminal, so this process only waits for it.
 */
export function run(node, script, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [join(root, script), ...args], {
      stdio: 'inherit',
      env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` },
    });
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}
