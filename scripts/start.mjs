/**
 * `npm start`: opens the desktop window where Electron can run, fetching the program the first time; otherwise says why
 * in one line and serves the same workstation on the loopback address. Runs after set-up, under Node 24.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchElectron } from './fetch-electron.mjs';
import { electronPackage, findElectron } from './find-electron.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

function say(line) {
  process.stderr.write(`sextant: ${line}\n`);
}

async function electronOrReason() {
  const found = findElectron();
  if (found.ok || !found.canFetch) return found;
  say('fetching the Electron program, about 120 MB, once');
  const fetched = await fetchElectron(join(electronPackage(), 'install.js'));
  return fetched.ok ? findElectron() : { ok: false, why: `the Electron program could not be fetched: ${fetched.why}` };
}

const electron = await electronOrReason();
if (electron.ok) {
  const child = spawn(electron.path, [root, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    say(`Electron did not start: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
} else {
  say(`no desktop window: ${electron.why}. Serving the workstation to a browser instead.`);
  process.env.SEXTANT_HOST_REASON = electron.why;
  await import('../out/main/headless.js');
}
