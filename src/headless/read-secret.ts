/**
 * Secrets for the command line: from standard input, from a file that only this user can read, or asked for without
 * showing them. Never as a word of the command, which every user of the machine can see.
 */
import { readFileSync, readSync, statSync } from 'node:fs';
import { AppError } from '#base/errors';
import type { Terminal } from './terminal';

/**
 * @param given what stands after the flag: `-` (the next line of standard input), `@FILE`, or undefined
 * @returns undefined where nothing was given and nobody can be asked. Errors: BAD_REQUEST, NOT_FOUND, FORBIDDEN.
 */
export async function readSecret(name: string, given: unknown, terminal: Terminal): Promise<string | undefined> {
  if (given === undefined) return (await terminal.askSecret?.(`${name}: `)) || undefined;
  if (given === '-') return readLine(name);
  if (typeof given === 'string' && given.startsWith('@')) return readPrivateFile(given.slice(1));
  throw new AppError(
    'BAD_REQUEST',
    `Expected --${name} - (standard input) or --${name} @FILE (a file of mode 0600), found the secret itself. Other users can read command lines, so change it.`,
  );
}

/** One line of standard input, without reading further: the next secret may follow. */
function readLine(name: string): string {
  const bytes: number[] = [];
  const one = Buffer.alloc(1);
  while (readSync(0, one, 0, 1, null) === 1 && one[0] !== 0x0a) bytes.push(one[0]);
  if (bytes.length === 0)
    throw new AppError('BAD_REQUEST', `Expected a line with ${name} on standard input, found none.`);
  return Buffer.from(bytes).toString('utf8').replace(/\r$/, '');
}

function readPrivateFile(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new AppError('NOT_FOUND', `Expected a file at ${path}, found none.`);
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    throw new AppError(
      'FORBIDDEN',
      `Expected a file that only you can read, found mode ${(found.mode & 0o777).toString(8)}: chmod 600 ${path}.`,
    );
  }
  return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
}
