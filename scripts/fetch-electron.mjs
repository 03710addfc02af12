/**
 * Fetches the Electron program with the electron package's own installer, which checks what it gets against checksums
 * that are part of the locked package. Never hangs: where the download makes no headway, it is given up.
 */
import { spawn } from 'node:child_process';

/** `{ ok: true }`, or `{ ok: false, why }` with the last line that the installer said. */
export function fetchElectron(installScript, { limitMs = 180_000 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [installScript], { stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, limitMs);
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-10_000);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve({ ok: true });
      else resolve({ ok: false, why: isLate ? `no answer within ${limitMs / 1000} s` : reasonIn(output) });
    });
  });
}

/** The line that names the error, not the stack below it. */
function reasonIn(output) {
  const lines = output.split('\n').map((line) => line.trim());
  const named = lines.find((line) => /error|failed|ENOTFOUND|ECONN|EAI_AGAIN/i.test(line) && !line.startsWith('at '));
  return (named ?? lines.find((line) => line !== '') ?? 'the installer failed').slice(0, 200);
}
