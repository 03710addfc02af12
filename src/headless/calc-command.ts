/** `sextant calc`: the science from the command line. The calculations run in a worker, as all of them do. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AppError } from '#base/errors';
import { startWorker } from '#engine/jobs/worker-process';
import { parseArguments } from './arguments';
import { childProcessLauncher } from './child-process-worker';
import type { CommandContext } from './command-context';
import { findLocalCommand } from './local-commands';
import { createProgress } from './progress';

const HELP = 'sextant calc --help';

export async function runCalc(words: readonly string[], context: CommandContext): Promise<void> {
  const fields = findLocalCommand('calc')?.fields ?? [];
  const { positional, rest } = takeKind(words);
  const { local } = parseArguments(rest, { fields: [], positional: [], local: fields, help: HELP });
  const input = await jobInput(positional, local);
  const { stderr } = context.terminal;
  const progress = createProgress(stderr);
  const worker = startWorker(
    { name: 'calc', input },
    {
      spawn: childProcessLauncher({ entry: context.program.workerEntry, log: context.log }),
      log: context.log,
      // One calculation may keep the processor for minutes without a sign of life, and that is no fault.
      times: { hangMs: Number.POSITIVE_INFINITY },
      // A log does not need a line per question.
      onProgress: (report) => progress.show(stderr.isTerminal ? report : { ...report, detail: '' }),
      onLog: (level, message) => {
        if (level !== 'info') progress.note(message);
      },
    },
  );
  const stop = context.terminal.onInterrupt(() => worker.cancel());
  try {
    context.terminal.stdout.write(`${String(await worker.outcome)}\n`);
  } finally {
    stop();
    progress.done();
    await worker.exited;
  }
}

/** The kind may be the first word; everything else is a flag. */
function takeKind(words: readonly string[]): { positional: string | undefined; rest: readonly string[] } {
  const [first, ...rest] = words;
  return first === undefined || first.startsWith('--')
    ? { positional: undefined, rest: words }
    : { positional: first, rest };
}

async function jobInput(kind: string | undefined, local: Readonly<Record<string, unknown>>): Promise<unknown> {
  const text = (name: string) => (typeof local[name] === 'string' ? local[name] : undefined);
  const data = text('data') === undefined ? undefined : resolve(text('data') ?? '');
  const modes = [local.list === true, text('suite') !== undefined, text('request') !== undefined, kind !== undefined];
  if (modes.filter(Boolean).length !== 1) {
    throw new AppError('BAD_REQUEST', `Expected one of a kind, --request, --suite and --list. See ${HELP}.`);
  }
  if (local.list === true) return { mode: 'list' };
  const engine = text('engine');
  const suite = text('suite');
  if (suite !== undefined) {
    const out = text('out');
    if (out === undefined)
      throw new AppError('BAD_REQUEST', `Expected --out DIR for the answers of a suite. See ${HELP}.`);
    return { mode: 'suite', suite: resolve(suite), data, out: resolve(out), kinds: local.kind ?? [], engine };
  }
  const request = text('request');
  if (request !== undefined) {
    const question = await readQuestion(request);
    return { mode: 'one', question, folders: { base: resolve(text('base') ?? dirname(request)), data }, engine };
  }
  const inputs = Object.fromEntries(Array.isArray(local.input) ? local.input.map(parseInput) : []);
  const folders = { base: resolve(text('base') ?? '.'), data };
  return { mode: 'one', question: { kind, inputs, params: local.params ?? {} }, folders, engine };
}

function parseInput(text: unknown): readonly [string, { file: string }] {
  const [, name, file] = /^([\w.-]+)=(.+)$/.exec(String(text)) ?? [];
  if (name !== undefined && file !== undefined) return [name, { file }];
  throw new AppError('BAD_REQUEST', `Expected --input NAME=FILE, found ${JSON.stringify(text)}. See ${HELP}.`);
}

async function readQuestion(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const code = cause.code === 'ENOENT' ? 'NOT_FOUND' : 'IO';
    throw new AppError(code, `Expected a question in ${path}, found: ${cause.message}.`, { cause });
  });
  try {
    const question: unknown = JSON.parse(text);
    return question;
  } catch (cause) {
    throw new AppError('BAD_REQUEST', `Expected JSON in ${path}, found: ${String(cause)}.`, { cause });
  }
}
