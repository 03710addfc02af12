/**
 * The address of the desktop's page, `app://sextant/`, and what answers there: the built screen's files, listed once,
 * so that no path of a request ever reaches the file system. Used instead of `file://`, which could read every file.
 */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { CustomScheme, Session } from 'electron';
import { SECURITY_HEADERS } from '#engine/api/security-headers';

export const APP_SCHEME: CustomScheme = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};
export const APP_ORIGIN = 'app://sextant';
export const APP_PAGE = `${APP_ORIGIN}/index.html`;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.wasm': 'application/wasm',
};

/** Whether an address belongs to the product's own page. Compared part by part: prefixes can be forged. */
export function isAppAddress(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.protocol === 'app:' && url.host === 'sextant' && url.username === '' && url.port === '';
}

/** Answers requests of the session for `app://sextant/…` with the files of `folder`; everything else is 404. */
export function serveApp(session: Session, folder: string): void {
  const files = listFiles(folder);
  session.protocol.handle(APP_SCHEME.scheme, (request) => answer(request, files));
}

async function answer(request: Request, files: ReadonlyMap<string, string>): Promise<Response> {
  if (request.method !== 'GET') return plain(405, 'Only GET is answered here.');
  if (!isAppAddress(request.url)) return plain(404, 'No such page.');
  const path = new URL(request.url).pathname;
  const file = files.get(path === '/' ? '/index.html' : path);
  if (file === undefined) return plain(404, 'No such file.');
  const headers = { ...SECURITY_HEADERS, 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' };
  return new Response(await readFile(file), { headers });
}

function plain(status: number, text: string): Response {
  return new Response(text, { status, headers: { ...SECURITY_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' } });
}

/** Every regular file below the folder, by the path that a request names it with. Links are not followed. */
function listFiles(folder: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, path).split(sep).map(encodeURIComponent).join('/')}`, path);
  }
  return files;
}
