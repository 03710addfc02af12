/**
 * The screen's files: read from one folder, listed once, so that no path of a request ever reaches the file system.
 * Files with a hash in their name never change; the page itself is asked for every time.
 */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

export interface StaticFiles {
  /** Answers and returns true where the path is a file of the screen (or one of its pages). */
  serve(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<boolean>;
}

/** `folder` may be absent or empty (the screen was not built); then only the page itself answers, saying so. */
export async function openStaticFiles(folder: string | null): Promise<StaticFiles> {
  const files = folder === null ? new Map<string, string>() : await listFiles(folder);
  return {
    async serve(request, response, pathname) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return false;
      const isPage = pathname === '/' || (extname(pathname) === '' && !pathname.startsWith('/api/'));
      // A page of its own, such as the API reference; all other addresses without an extension are views of the screen.
      const ownPage = `${pathname}.html`;
      const path = isPage ? (files.has(ownPage) ? ownPage : '/index.html') : pathname;
      const file = files.get(path);
      if (file === undefined) {
        if (!isPage) return false;
        sendNotBuilt(response);
        return true;
      }
      await sendFile(request, response, file, path);
      return true;
    },
  };
}

async function listFiles(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, path).split(sep).join('/')}`, path);
  }
  return files;
}

async function sendFile(request: IncomingMessage, response: ServerResponse, file: string, path: string): Promise<void> {
  const { size } = await stat(file);
  const immutable = path.startsWith('/assets/');
  response.writeHead(200, {
    'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
    'Content-Length': size,
    'Cache-Control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file), response);
}

function sendNotBuilt(response: ServerResponse): void {
  response.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end('The screen has not been built. Run "npm run build" and start again.\n');
}
