/**
 * `npm start`: opens the desktop window where Electron can run; otherwise says why in one line and serves the same
 * workstation on the loopback address. Runs after set-up, under Node 24.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { findElectron } from './find-electron.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const electron = findElectron();
if (electron.ok) {
  const child = spawn(electron.path, [root, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`sextant: Electron did not start: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
} else {
  process.stderr.write(`sextant: no desktop window: ${electron.why}. Serving the workstation to a browser instead.\n`);
  process.env.SEXTANT_HOST_REASON = electron.why;
  await import('../out/main/headless.js');
}
