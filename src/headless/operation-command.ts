/** Runs one operation of the contract from the command line: words in, answer, events or a document out. */
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { AppError } from '#base/errors';
import type { Client } from '#contract/client';
import { fieldsOf, type Field } from '#contract/derive/fields';
import { answersWithFile, startsJob, type OperationInfo } from '#contract/derive/operations';
import type { Health } from '#contract/health';
import type { RegistryVersion } from '#contract/registry';
import { parseArguments, requireFields, type ArgumentRules, type ParsedArguments } from './arguments';
import { printJson, type CommandContext } from './command-context';
import { followJob } from './follow-job';
import { localField } from './local-field';
import { present, presentEvent } from './present';
import { createProgress } from './progress';
import { readSecret } from './read-secret';
import type { Session } from './session';
import { readReportTemplate, writeReportFiles } from './report-files';
import type { Terminal } from './terminal';
import { writeDocument, type WrittenDocument } from './write-document';

type Call = (input: unknown, options: { signal: AbortSignal }) => Promise<unknown>;

/** Fields that name files or folders of this machine: a host that is attached to has another current folder. */
const PATH_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'datasets.import': ['prices', 'companies', 'index', 'membership'],
  'datasets.backfill': ['prices', 'companies', 'index', 'membership'],
  'interchange.export': ['to'],
  'interchange.import': ['from'],
  'datasets.preview': ['prices', 'companies', 'index', 'membership'],
};

/** Operations of which one input may come from a file, with its reader. */
const FILE_INPUTS: Readonly<
  Record<string, { readonly input: string; readonly read: (file: string) => Promise<unknown> }>
> = {
  'runs.start': { input: 'config', read: readRunConfig },
  'runs.plan': { input: 'config', read: readRunConfig },
  'privacy.configure': { input: 'config', read: readYaml },
  'api.configure': { input: 'config', read: readYaml },
  'slos.configure': { input: 'config', read: readYaml },
  'limits.configure': { input: 'config', read: readYaml },
  'orders.acknowledge': { input: 'text', read: readText },
  'holdings.import': { input: 'text', read: readText },
  'holdings.check': { input: 'text', read: readText },
  'models.predict': { input: 'frame', read: readYaml },
};

/** Fields that hold secrets: a command line is visible to every user of the machine, so their flags say where to read. */
const SECRET_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'keys.rotate': ['passphrase', 'key'],
  'keys.passphrase': ['current', 'next'],
};

/** Flags of an operation that only the command line has. */
export function localFields(operation: OperationInfo): readonly Field[] {
  return [
    ...(FILE_INPUTS[operation.id] === undefined
      ? []
      : [localField('file', 'Configuration (YAML) or frame (JSON); flags win over it')]),
    ...(startsJob(operation) ? [localField('detach', 'Do not wait for the end', { kind: 'boolean' })] : []),
    ...(operation.id === 'reports.create'
      ? [
          localField('template', 'Report template in YAML, its logo beside it'),
          localField('out', 'Folder to write the files to (0600) once they are made'),
        ]
      : []),
    ...(answersWithFile(operation) ? [localField('out', 'File or folder to write to (0600); default: stdout')] : []),
  ];
}

/** Errors: BAD_REQUEST for the words; everything that the operation or its job can say. */
export async function runOperation(
  operation: OperationInfo,
  words: readonly string[],
  context: CommandContext,
): Promise<void> {
  const rules: ArgumentRules = {
    fields: fieldsOf(operation.input),
    positional: operation.positional,
    local: localFields(operation),
    help: `sextant ${operation.noun} ${operation.name} --help`,
  };
  const parsed = parseArguments(words, rules);
  const input = await completeInput(operation, parsed, context.terminal);
  requireFields(input, rules);
  const abort = new AbortController();
  const stop = context.terminal.onInterrupt(() => abort.abort());
  const session = await context.openSession();
  try {
    const call = procedureOf(session.client, operation);
    if (operation.kind === 'stream') await printEvents(await call(input, { signal: abort.signal }), context);
    else {
      const answer = await call(input, { signal: abort.signal });
      stop();
      const detached = parsed.local.detach === true;
      if (detached && session.url === null) {
        context.terminal.stderr.write('sextant: the job is stored and starts with the next Sextant (sextant serve).\n');
      }
      if (startsJob(operation) && !detached) await follow(answer, session, context, parsed.local.out);
      else if (answersWithFile(operation)) await deliver(answer, parsed.local.out, context);
      else print(operation, answer, context);
      if (operation.id === 'audit.verify') requireIntact(answer);
      if (operation.id === 'system.health') requireHealthy(answer);
    }
    if (abort.signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
  } finally {
    stop();
    await session.close();
  }
}

async function completeInput(
  operation: OperationInfo,
  { input, local }: ParsedArguments,
  terminal: Terminal,
): Promise<Record<string, unknown>> {
  const complete = { ...input };
  const fromFile = FILE_INPUTS[operation.id];
  if (typeof local.file === 'string' && fromFile !== undefined) {
    complete[fromFile.input] = merge(await fromFile.read(local.file), input[fromFile.input]);
  }
  if (typeof local.template === 'string') complete.template = await readReportTemplate(local.template);
  for (const { kind, name } of fieldsOf(operation.input)) {
    if (kind === 'file' && typeof complete[name] === 'string') complete[name] = await openFile(complete[name]);
  }
  for (const name of PATH_FIELDS[operation.id] ?? []) {
    const value = complete[name];
    if (typeof value === 'string') complete[name] = absolute(value);
    else if (Array.isArray(value)) complete[name] = value.map((path) => absolute(String(path)));
  }
  for (const name of SECRET_FIELDS[operation.id] ?? []) {
    const secret = await readSecret(name, complete[name], terminal);
    if (secret !== undefined) complete[name] = secret;
  }
  return complete;
}

/** What is an address already stays one. */
const absolute = (path: string): string => (path.startsWith('s3://') ? path : resolve(path));

/** A file that is read from disk as it is sent. Errors: NOT_FOUND. */
async function openFile(path: string): Promise<File> {
  const blob = await openAsBlob(path).catch((cause: unknown) => {
    throw new AppError('NOT_FOUND', `Expected a file at ${path}, found none that can be read.`, { cause });
  });
  return new File([blob], basename(path));
}

/** Errors: IO; INVALID_CONFIG with every problem as `file:line:column path: message`. */
export async function readRunConfig(file: string): Promise<unknown> {
  const { formatConfigProblems, parseRunConfig } = await import('#engine/runs/config-file');
  const text = await readConfigText(file);
  const { config, problems } = parseRunConfig(text, file);
  if (config !== null) return config;
  throw new AppError('INVALID_CONFIG', formatConfigProblems(problems), { data: { problems } });
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8');
}

/** Plain YAML; the operation's own schema then says what is wrong in it. Errors: IO, NOT_FOUND, INVALID_CONFIG. */
async function readYaml(file: string): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(await readConfigText(file)) as unknown; // checked by the operation
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('INVALID_CONFIG', `Expected YAML in ${file}, found: ${String(error)}.`, { cause: error });
  }
}

function readConfigText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const code = cause.code === 'ENOENT' ? 'NOT_FOUND' : 'IO';
    throw new AppError(code, `Expected a configuration in ${file}, found: ${cause.message}.`, { cause });
  });
}

/** What stands on the right wins; objects are merged by name. */
function merge(left: unknown, right: unknown): unknown {
  if (right === undefined) return left;
  if (!isRecord(left) || !isRecord(right)) return right;
  const merged: Record<string, unknown> = { ...left };
  for (const [name, value] of Object.entries(right)) merged[name] = merge(left[name], value);
  return merged;
}

function procedureOf(client: Client, operation: OperationInfo): Call {
  const procedure: unknown = Reflect.get(Reflect.get(client, operation.noun), operation.name);
  return procedure as Call; // every operation of the contract has its procedure in the client
}

async function printEvents(events: unknown, context: CommandContext): Promise<void> {
  for await (const event of events as AsyncIterable<unknown>) {
    // a stream answers with an iterator
    if (context.json) printJson(context, event);
    else context.terminal.stdout.write(presentEvent(event));
  }
}

/** Waits for the job, then shows what it has made. */
async function follow(
  started: unknown,
  { client, url }: Session,
  context: CommandContext,
  out: unknown,
): Promise<void> {
  const { job, report, ...subject } = started as { job: string; report?: string } & JobSubject; // startsJob has checked `job`
  const { terminal } = context;
  const progress = createProgress(terminal.stderr);
  await followJob(client, job, { terminal, progress, staysBehind: url !== null });
  if (report !== undefined) {
    const paths = typeof out === 'string' ? await writeReportFiles(client, report, out) : [];
    const result = await client.reports.show({ report });
    if (context.json) printJson(context, { ...Object(started), status: 'succeeded', result, paths });
    else terminal.stdout.write(paths.length > 0 ? `${paths.join('\n')}\n` : present('reports.show', result));
    return;
  }
  const [made, result] = await madeBy(subject, client);
  if (context.json) printJson(context, { ...Object(started), status: 'succeeded', result });
  else terminal.stdout.write(present(made, result));
  if (made === 'registry.show') requirePromoted(result);
}

/** What the job is about, by the field that names it. */
interface JobSubject {
  readonly run?: string;
  readonly dataset?: string;
  readonly version?: string;
}

async function madeBy({ run, dataset, version }: JobSubject, client: Client) {
  if (version !== undefined) return ['registry.show', await client.registry.show({ version })] as const;
  if (run !== undefined) return ['runs.show', await client.runs.show({ run })] as const;
  return ['datasets.show', await client.datasets.show({ dataset: dataset ?? '' })] as const;
}

/** A script must notice that a version was not promoted. Errors: CONFLICT. */
function requirePromoted({ lastGate, label }: RegistryVersion): void {
  if (lastGate === null || lastGate.decision === 'promoted' || lastGate.decision === 'promoted-with-override') return;
  throw new AppError('CONFLICT', `Expected ${label} to pass its gate. ${lastGate.verdict}`);
}

async function deliver(answer: unknown, out: unknown, context: CommandContext): Promise<void> {
  const document = answer as WrittenDocument & { mediaType: string }; // answersWithFile has checked the form
  if (typeof out === 'string') {
    const path = await writeDocument(out, document);
    if (context.json) printJson(context, { path, filename: basename(path), mediaType: document.mediaType });
    else context.terminal.stdout.write(`${path}\n`);
  } else if (context.json) printJson(context, document);
  else if (document.encoding === 'base64') {
    throw new AppError('BAD_REQUEST', `Expected --out for ${document.filename}, which is not text; found none.`);
  } else context.terminal.stdout.write(document.text);
}

/** A probe reads the exit code: 0 while everything that is asked of Sextant is done, also where a part is degraded. Errors: UNAVAILABLE. */
function requireHealthy(answer: unknown): void {
  const { status, components } = answer as Health; // the answer of system.health
  if (status !== 'failing') return;
  const failing = components
    .filter(({ state }) => state === 'failing')
    .map(({ title, detail }) => `${title}: ${detail}`);
  throw new AppError('UNAVAILABLE', `Expected every part to work, found that some do not. ${failing.join(' ')}`);
}

/** A script that asks whether the log holds must not read the answer to know. Errors: WORKSPACE_DAMAGED. */
function requireIntact(answer: unknown): void {
  const { intact } = answer as { intact: boolean }; // the answer of audit.verify
  if (intact) return;
  throw new AppError(
    'WORKSPACE_DAMAGED',
    'Expected an untouched audit log, found one that was tampered with. Compare with a backup before going on.',
  );
}

function print(operation: OperationInfo, answer: unknown, context: CommandContext): void {
  if (context.json) printJson(context, answer);
  else context.terminal.stdout.write(present(operation.id, answer));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
