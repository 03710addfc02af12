/**
 * `sextant calc` inside its worker: lists the calculation kinds, answers one question, or a whole suite of them.
 * Reads the files that a question names (gzip undone) and gives text in JSON back; NaN is null, infinities are strings.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import { AppError, toWire } from '#base/errors';
import { jsonSchemaOf } from '#contract/derive/json-schema';
import { describeIssues, summarize } from '#contract/derive/problems';
import type { CalcInput } from '#quant/calc/kind';
import { calcKinds, findCalcKind } from '#quant/calc/registry';
import type { EngineId, NetworkEngine } from '#quant/nn/engine';
import type { JobContext, JobFunction } from '../job';
import { loadEngine } from '../nn/engines';

const questionSchema = z.object({
  kind: z.string(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  params: z.unknown().default({}),
});
type Question = z.infer<typeof questionSchema>;

export interface CalcFolders {
  /** What the paths of a question are relative to. */
  readonly base: string;
  /** What paths that begin with `(data) ` are relative to. */
  readonly data: string | undefined;
}

export type CalcJobInput =
  | { readonly mode: 'list' }
  /** A question as it was read from a file or made from flags; checked here. */
  | {
      readonly mode: 'one';
      readonly question: unknown;
      readonly folders: CalcFolders;
      /** Training engine that answers instead; only of kinds about networks. */
      readonly engine: string | undefined;
    }
  | {
      readonly mode: 'suite';
      readonly suite: string;
      readonly data: string | undefined;
      readonly out: string;
      /** Beginnings of kinds; none means all. */
      readonly kinds: readonly string[];
      /** Training engine that answers the kinds about networks. */
      readonly engine: string | undefined;
    };

const DATA_PREFIX = '(data) ';
const unzip = promisify(gunzip);

/** Answers are JSON text; a suite answers with its counts and leaves its answers in files. */
export const run: JobFunction<CalcJobInput, string> = async (input, context) => {
  if (input.mode === 'list') return toJson({ kinds: calcKinds.map(describeKind) });
  const engine = input.engine === undefined ? undefined : await loadEngine(parseEngine(input.engine));
  try {
    if (input.mode === 'suite') return await runSuite(input, context, engine);
    const question = parseQuestion(input.question, 'the request');
    if (engine !== undefined && findCalcKind(question.kind)?.runOn === undefined) {
      throw new AppError(
        'BAD_REQUEST',
        `Expected a kind about networks (nn.…) with --engine, found "${question.kind}".`,
      );
    }
    return toJson(await answer(question, input.folders, engine));
  } finally {
    await engine?.dispose();
  }
};

function describeKind(kind: (typeof calcKinds)[number]): unknown {
  const { $schema: _schema, ...params } = z.toJSONSchema(kind.params, { io: 'input', unrepresentable: 'any' });
  return { kind: kind.id, summary: kind.summary, inputs: kind.inputs, params, recipe: kind.recipe };
}

function parseEngine(stated: string): EngineId {
  const parsed = z.enum(['wgsl', 'wasm', 'tf', 'reference']).safeParse(stated);
  if (parsed.success) return parsed.data;
  throw new AppError('BAD_REQUEST', `Expected the engine wgsl, wasm, tf or reference, found "${stated}".`);
}

async function runSuite(
  input: Extract<CalcJobInput, { mode: 'suite' }>,
  context: JobContext,
  engine: NetworkEngine | undefined,
): Promise<string> {
  const started = performance.now();
  const cases = await listCases(join(input.suite, 'cases'));
  const folders = { base: input.suite, data: input.data };
  let answered = 0;
  let failed = 0;
  for (const [step, path] of cases.entries()) {
    const { document, id } = await readCase(path, join(input.suite, 'cases'));
    if (input.kinds.length > 0 && !input.kinds.some((prefix) => kindOf(document).startsWith(prefix))) continue;
    context.emit({ stage: 'calc', detail: id, step: step + 1, of: cases.length });
    await context.breathe();
    let text: string;
    try {
      text = toJson(await answer(parseQuestion(document, path), folders, engine));
      answered++;
    } catch (error) {
      const { code, message } = toWire(error);
      text = toJson({ error: { code, message } });
      context.log('warn', `${id}: ${code}: ${message}`);
      failed++;
    }
    const file = join(input.out, `${id}.json`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${text}\n`);
  }
  return toJson({ answered, failed, seconds: Number(((performance.now() - started) / 1000).toFixed(3)) });
}

async function listCases(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new AppError('NOT_FOUND', `Expected the cases of a suite in ${folder}, found no such folder.`, { cause });
  });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * The identity of a case names its answer's file, so it may not lead out of the answers' folder; one that would is
 * replaced by the name of the case's file. A file without JSON stays text, which no question is, and fails alone.
 */
async function readCase(path: string, folder: string): Promise<{ document: unknown; id: string }> {
  const text = await readText(path);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    document = text;
  }
  const stated: unknown = typeof document === 'object' && document !== null ? Reflect.get(document, 'id') : undefined;
  const isSafe =
    typeof stated === 'string' && /^[\w.-]+(\/[\w.-]+)*$/.test(stated) && !stated.split('/').includes('..');
  const ownName = relative(folder, path)
    .split(sep)
    .join('/')
    .replace(/\.json$/, '');
  return { document, id: isSafe ? stated : ownName };
}

function kindOf(document: unknown): string {
  const kind: unknown = typeof document === 'object' && document !== null ? Reflect.get(document, 'kind') : undefined;
  return typeof kind === 'string' ? kind : '';
}

function parseQuestion(document: unknown, where: string): Question {
  const parsed = questionSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError(
    'BAD_REQUEST',
    `Expected kind, inputs and params in ${where}; ${issue.path.join('.') || 'the document'}: ${issue.message}.`,
  );
}

async function answer(question: Question, folders: CalcFolders, engine: NetworkEngine | undefined): Promise<unknown> {
  const kind = findCalcKind(question.kind);
  if (kind === undefined) {
    throw new AppError(
      'NOT_FOUND',
      `Expected a calculation kind, found "${question.kind}". \`sextant calc --list\` names them all.`,
    );
  }
  const params = kind.params.safeParse(question.params);
  if (!params.success) {
    const problems = describeIssues(params.error.issues, question.params, jsonSchemaOf(kind.params));
    throw new AppError('BAD_REQUEST', `The parameters of ${kind.id} are not valid. ${summarize(problems)}`);
  }
  const inputs: Record<string, CalcInput> = {};
  for (const [name, stated] of Object.entries(question.inputs)) inputs[name] = await readInput(name, stated, folders);
  if (engine !== undefined && kind.runOn !== undefined) return kind.runOn(inputs, question.params, engine);
  const answered: unknown = await kind.run(inputs, question.params);
  return answered;
}

const fileInput = z.looseObject({ file: z.string() });

/** An input that names no file is its own content, as JSON text. */
async function readInput(name: string, stated: unknown, folders: CalcFolders): Promise<CalcInput> {
  const parsed = fileInput.safeParse(stated);
  if (!parsed.success) return { name, bytes: new TextEncoder().encode(JSON.stringify(stated)), meta: {} };
  const { file, ...meta } = parsed.data;
  return { name: file, bytes: await readBytes(pathOf(file, folders)), meta };
}

function pathOf(file: string, { base, data }: CalcFolders): string {
  if (!file.startsWith(DATA_PREFIX)) return resolve(base, file);
  if (data !== undefined) return resolve(data, file.slice(DATA_PREFIX.length));
  throw new AppError('BAD_REQUEST', `Expected --data DIR for the input "${file}", found none.`);
}

async function readBytes(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const code = cause.code === 'ENOENT' ? 'NOT_FOUND' : 'IO';
    throw new AppError(code, `Expected the file ${path}, found: ${cause.message}.`, { cause });
  });
  const zipped = bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!zipped || !path.endsWith('.gz')) return bytes;
  return unzip(bytes).catch((cause: unknown) => {
    throw new AppError('INVALID_DATA', `Expected gzip data in ${path}, found a damaged file.`, { cause });
  });
}

async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(path));
}

/** JSON that loses nothing silently: NaN is null (missing), infinities are named, typed arrays are lists. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'number' && !Number.isFinite(item)) return Number.isNaN(item) ? null : String(item);
    if (ArrayBuffer.isView(item) && !(item instanceof DataView)) return Array.from(item as Float64Array, toPlain); // every view but DataView lists numbers
    return item;
  });
}

function toPlain(value: number): number | string | null {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? null : String(value);
}
