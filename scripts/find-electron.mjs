/**
 * Tells whether an Electron window can be opened here, without importing `electron`: in plain Node that import starts
 * a download. Answers with the program's path, or with one sentence on why there is no window.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Folder of the installed electron package, or null. */
export function electronPackage() {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    return null;
  }
}

/**
 * Where the binary is, whether or not a window could be opened with it.
 * @returns {{ ok: true, path: string } | { ok: false, why: string, canFetch?: true }}
 */
function findBinary(env) {
  if (env.ELECTRON_EXEC_PATH) {
    return existsSync(env.ELECTRON_EXEC_PATH)
      ? { ok: true, path: env.ELECTRON_EXEC_PATH }
      : { ok: false, why: `ELECTRON_EXEC_PATH names ${env.ELECTRON_EXEC_PATH}, which does not exist` };
  }
  const folder = electronPackage();
  if (folder === null) return { ok: false, why: 'the electron package is not installed' };
  const pathFile = join(folder, 'path.txt');
  const dist = env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist');
  const program = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : 'electron';
  const path = join(dist, program);
  if (existsSync(path)) return { ok: true, path };
  const isAllowed = !env.ELECTRON_OVERRIDE_DIST_PATH && !env.ELECTRON_SKIP_BINARY_DOWNLOAD;
  return {
    ok: false,
    why: 'the Electron program has not been downloaded (`npx install-electron` does, where github.com can be reached)',
    ...(isAllowed ? { canFetch: true } : {}),
  };
}

/**
 * The program, or one sentence on why there is none; `canFetch` where only the program is missing and may be fetched.
 * @returns {{ ok: true, path: string } | { ok: false, why: string, canFetch?: true }}
 */
export function findElectron(env = process.env, platform = process.platform, userId = process.getuid?.()) {
  if (platform === 'linux') {
    if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return { ok: false, why: 'there is no display (DISPLAY is not set)' };
    if (userId === 0) return { ok: false, why: 'Electron keeps its sandbox on and does not run as root' };
  }
  return findBinary(env);
}
