/** `sextant api client`: the typed client of this very version, as a package of three files that needs nothing else. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { operations } from '#contract/derive/operations';
import { clientDeclarations } from '#contract/derive/typescript';
import { AppError } from '#base/errors';
import { BUILD_INFO } from '#engine/build-info';
import { parseArguments } from './arguments';
import runtime from './client-runtime.js?raw';
import { printJson, type CommandContext } from './command-context';
import { findLocalCommand } from './local-commands';

/** Errors: BAD_REQUEST without a folder; IO. */
export async function runApiClient(words: readonly string[], context: CommandContext): Promise<void> {
  const fields = findLocalCommand('api client')?.fields ?? [];
  const { local } = parseArguments(words, {
    fields: [],
    positional: [],
    local: fields,
    help: 'sextant api client --help',
  });
  if (typeof local.out !== 'string') throw new AppError('BAD_REQUEST', 'Expected --out FOLDER to write the client to.');
  const folder = resolve(local.out);
  const files = clientFiles(BUILD_INFO.app);
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  } catch (cause) {
    throw new AppError('IO', `Expected to write the client to ${folder}, found: ${String(cause)}.`, { cause });
  }
  const paths = Object.keys(files).map((name) => join(folder, name));
  if (context.json) printJson(context, { paths });
  else context.terminal.stdout.write(`${paths.join('\n')}\n`);
}

function clientFiles(version: string): Readonly<Record<string, string>> {
  const routes = operations.map(({ noun, name, method, path, kind }) => [noun, name, method, path, kind]);
  const table = `/** Noun, operation, method, path, kind. */\nconst ROUTES = ${JSON.stringify(routes).replaceAll('],[', '],\n  [')};\n`;
  const manifest = {
    name: 'sextant-client',
    version,
    description: 'Typed client of the local API of Sextant',
    license: 'MIT',
    type: 'module',
    exports: { '.': { types: './sextant.d.ts', default: './sextant.js' } },
  };
  return {
    'sextant.js': `${runtime}\n${table}`,
    'sextant.d.ts': clientDeclarations(version),
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
  };
}
