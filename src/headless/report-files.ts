/** Reports on the command line: a template file with its logo beside it goes in, the finished files come out. */
import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { parse } from 'yaml';
import { AppError } from '#base/errors';
import type { Client } from '#contract/client';
import { reportTemplateSchema } from '#contract/reports';
import { writeDocument } from './write-document';

const LOGO_TYPES: Readonly<Record<string, string>> = { '.png': 'png', '.jpg': 'jpeg', '.jpeg': 'jpeg' };

async function read(path: string, what: string): Promise<Buffer> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new AppError(
      cause.code === 'ENOENT' ? 'NOT_FOUND' : 'IO',
      `Expected ${what} in ${path}, found: ${cause.message}.`,
      { cause },
    );
  });
}

/** A template in YAML; its logo is a path beside it. Errors: NOT_FOUND, IO, INVALID_CONFIG. */
export async function readReportTemplate(file: string): Promise<unknown> {
  const text = (await read(file, 'a report template')).toString('utf8');
  let template: unknown;
  try {
    template = parse(text, { uniqueKeys: true, maxAliasCount: 10 });
  } catch (error) {
    throw new AppError('INVALID_CONFIG', `Expected YAML in ${file}, found: ${String(error)}.`, { cause: error });
  }
  const complete = await withLogo(template ?? {}, file);
  const { error } = reportTemplateSchema.safeParse(complete);
  if (error === undefined) return complete;
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'template'}: ${message}`);
  throw new AppError('INVALID_CONFIG', `${file}: ${problems.join('; ')}`, { data: { problems } });
}

async function withLogo(template: unknown, file: string): Promise<unknown> {
  if (typeof template !== 'object' || template === null || !('logo' in template)) return template;
  const { logo } = template;
  if (typeof logo !== 'string' || logo.startsWith('data:')) return template;
  const path = resolve(dirname(file), logo);
  const type = LOGO_TYPES[extname(path).toLowerCase()];
  if (type === undefined) {
    throw new AppError('INVALID_CONFIG', `Expected a logo as .png or .jpg, found ${logo}. Choose another file.`);
  }
  return { ...template, logo: `data:image/${type};base64,${(await read(path, 'a logo')).toString('base64')}` };
}

/** Writes every file of a finished report to a folder (0600). @returns their paths */
export async function writeReportFiles(client: Client, report: string, folder: string): Promise<string[]> {
  const { files } = await client.reports.show({ report });
  const paths: string[] = [];
  for (const { format } of files) {
    paths.push(
      await writeDocument(`${folder.replace(/[/\\]+$/, '')}/`, await client.reports.download({ report, format })),
    );
  }
  return paths;
}
