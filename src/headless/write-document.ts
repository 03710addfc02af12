/** Documents that operations answer with, as private files. */
import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { commitFile } from '#engine/store/commit-file';

export interface WrittenDocument {
  readonly filename: string;
  readonly text: string;
  /** Text is UTF-8 unless it says otherwise. */
  readonly encoding?: 'utf8' | 'base64';
}

/**
 * Writes a document with mode 0600 and returns its absolute path. `out` is a folder if it is one, ends with a slash or has
 * no extension; then the document keeps its own name. Missing folders are made (0700). Errors: IO, DISK_FULL.
 */
export async function writeDocument(out: string, document: WrittenDocument): Promise<string> {
  const target = resolve(out);
  const isFolder =
    /[/\\]$/.test(out) || extname(out) === '' || (await stat(target).catch(() => undefined))?.isDirectory() === true;
  const path = isFolder ? join(target, basename(document.filename)) : target;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await commitFile(path, async (file) => file.writeFile(Buffer.from(document.text, document.encoding ?? 'utf8')));
  return path;
}
