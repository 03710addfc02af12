/**
 * The command line: finds the command that is meant, runs it, turns whatever went wrong into one message and an exit code.
 * Everything heavy is loaded by the command that needs it.
 */
import { AppError, ERROR_CODES, toWire, type WireError } from '#base/errors';
import { BUILD_INFO } from '#engine/build-info';
import type { OperationInfo } from '#contract/derive/operations';
import { printJson, type CommandContext, type Program } from './command-context';
import { findLocalCommand, localCommands } from './local-commands';
import type { Terminal } from './terminal';
import { createTerminalLog } from './terminal-log';
import { workspaceFolder } from './workspace';

interface GlobalFlags {
  readonly words: readonly string[];
  readonly workspace: string | undefined;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/** Runs one command line and returns the exit code. Never throws. */
export async function runCli(words: readonly string[], terminal: Terminal, program: Program): Promise<number> {
  let json = words.includes('--json');
  try {
    const flags = takeGlobalFlags(words);
    ({ json } = flags);
    await dispatch(flags, contextOf(flags, terminal, program));
    return 0;
  } catch (error) {
    const wire = toWire(error);
    if (json) printJson({ terminal }, { error: wire });
    report(terminal, wire, error);
    return ERROR_CODES[wire.code].exit;
  }
}

function contextOf(flags: GlobalFlags, terminal: Terminal, program: Program): CommandContext {
  const log = createTerminalLog(terminal.stderr, flags.verbose ? 'debug' : 'warn');
  const workspace = workspaceFolder(flags.workspace, terminal.environment);
  return {
    terminal,
    program,
    log,
    workspace,
    json: flags.json,
    openSession: async () =>
      (await import('./session')).openSession({ workspace, workerEntry: program.workerEntry, terminal, log }),
  };
}

async function dispatch({ words, help, version }: GlobalFlags, context: CommandContext): Promise<void> {
  const { stdout } = context.terminal;
  if (version) {
    if (context.json) printJson(context, BUILD_INFO);
    else stdout.write(`sextant ${BUILD_INFO.app}\n`);
    return;
  }
  const [first, second, ...rest] = words[0] === 'help' ? words.slice(1) : words;
  const wantsHelp = help || words[0] === 'help';
  if (first === undefined) {
    stdout.write((await import('#contract/derive/help')).overviewHelp(localCommands));
    return;
  }
  const local = findLocalCommand(first) ?? findLocalCommand(`${first} ${second}`);
  if (local !== undefined) {
    if (wantsHelp) stdout.write((await import('#contract/derive/help')).localHelp(local));
    else await local.run(words.slice(local.name.split(' ').length), context);
    return;
  }
  const { findOperation, nouns } = await import('#contract/derive/operations');
  if (!nouns.includes(first)) throw await unknownCommand(first, [...nouns, ...localCommands.map(({ name }) => name)]);
  if (second === undefined || second.startsWith('--')) {
    const text = (await import('#contract/derive/help')).nounHelp(first);
    if (wantsHelp) stdout.write(text);
    else throw new AppError('BAD_REQUEST', `Expected an operation after "${first}", found nothing.\n\n${text}`);
    return;
  }
  const operation = findOperation(first, second);
  if (operation === undefined) throw await unknownOperation(first, second);
  await runOrExplain(operation, rest, wantsHelp, context);
}

async function runOrExplain(
  operation: OperationInfo,
  words: readonly string[],
  wantsHelp: boolean,
  context: CommandContext,
): Promise<void> {
  const { localFields, runOperation } = await import('./operation-command');
  if (!wantsHelp) return runOperation(operation, words, context);
  const { operationHelp } = await import('#contract/derive/help');
  context.terminal.stdout.write(operationHelp(operation, localFields(operation)));
}

/** Flags that mean the same everywhere, wherever they stand. Errors: BAD_REQUEST. */
function takeGlobalFlags(all: readonly string[]): GlobalFlags {
  const words: string[] = [];
  let workspace: string | undefined;
  const seen = new Set<string>();
  for (let i = 0; i < all.length; i++) {
    const word = all[i];
    if (word === '--') {
      words.push(...all.slice(i));
      break;
    }
    if (word === '--workspace') workspace = all[++i] ?? '';
    else if (word.startsWith('--workspace=')) workspace = word.slice('--workspace='.length);
    else if (word === '-h') seen.add('--help');
    else if (['--json', '--verbose', '--help', '--version'].includes(word)) seen.add(word);
    else words.push(word);
  }
  if (workspace === '') throw new AppError('BAD_REQUEST', 'Expected a folder after --workspace, found nothing.');
  const has = (name: string) => seen.has(name);
  return {
    words,
    workspace,
    json: has('--json'),
    verbose: has('--verbose'),
    help: has('--help'),
    version: has('--version'),
  };
}

async function unknownCommand(name: string, known: readonly string[]): Promise<AppError> {
  const { nearest } = await import('#contract/derive/nearest');
  const meant = nearest(name, known);
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  return new AppError('BAD_REQUEST', `Expected a command, found "${name}".${hint} See sextant --help.`);
}

async function unknownOperation(noun: string, name: string): Promise<AppError> {
  const [{ nearest }, { operations }] = await Promise.all([
    import('#contract/derive/nearest'),
    import('#contract/derive/operations'),
  ]);
  const known = operations.filter((operation) => operation.noun === noun).map((operation) => operation.name);
  const meant = nearest(name, known);
  const hint = meant === undefined ? `Known: ${known.join(', ')}.` : `Did you mean "${meant}"?`;
  return new AppError(
    'BAD_REQUEST',
    `Expected an operation of ${noun}, found "${name}". ${hint} See sextant ${noun} --help.`,
  );
}

function report(terminal: Terminal, { code, message, data }: WireError, error: unknown): void {
  // Problems in a file begin their line with its name, so that editors find the place.
  const isFileList = code === 'INVALID_CONFIG' && Array.isArray(data?.problems);
  terminal.stderr.write(isFileList ? `${message}\n` : `sextant: ${message}\n`);
  if (code === 'INTERNAL' && error instanceof Error) terminal.stderr.write(`${error.stack ?? ''}\n`);
}
