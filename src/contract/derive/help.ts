/** Help texts of the command line: overview, noun, operation. Derived, so that they cannot be out of date. */
import { fieldsOf, type Field } from './fields';
import { flagUsage } from './flags';
import { operations, startsJob, answersWithFile, type OperationInfo } from './operations';

/** A command that is no operation of the contract (`serve`, `demo`, …), described in the same terms. */
export interface LocalCommand {
  readonly name: string;
  readonly summary: string;
  /** What follows the name: `<kind> --input name=FILE …`. */
  readonly usage: string;
  readonly fields: readonly Field[];
}

const GLOBAL_FLAGS: readonly (readonly [string, string])[] = [
  ['--workspace <dir>', 'Folder of the workspace (default: $XDG_DATA_HOME/sextant/workspace)'],
  ['--json', 'Machine-readable JSON on stdout and nothing else there'],
  ['--verbose', 'More on stderr about what is being done'],
  ['--help', 'This help'],
  ['--version', 'The version'],
];

export function overviewHelp(local: readonly LocalCommand[]): string {
  const nouns = [...new Set(operations.map(({ noun }) => noun))].map((noun) => {
    const names = operations.filter((operation) => operation.noun === noun).map(({ name }) => name);
    return [noun, names.join(' | ')] as const;
  });
  return [
    'Sextant: from price history to a portfolio that can be defended.',
    '',
    'Usage: sextant <command> [arguments]',
    '',
    ...columns([...local.map(({ name, summary }) => [name, summary] as const), ...nouns]),
    '',
    'Everywhere:',
    ...columns(GLOBAL_FLAGS),
    '',
    'sextant <command> --help says more. Exit codes: 0 done, 2 bad call, 4 not found, 5 conflict, 7 data, 8 no solution,',
    '9 workspace or key, 10 files, 11 worker, 12 not available, 70 internal, 130 cancelled.',
    '',
  ].join('\n');
}

export function nounHelp(noun: string): string {
  const rows = operations
    .filter((operation) => operation.noun === noun)
    .map((operation) => [`${operation.name}${positionals(operation)}`, operation.summary] as const);
  return [`Usage: sextant ${noun} <operation> [arguments]`, '', ...columns(rows), ''].join('\n');
}

/** `extra` are flags that only the command line has (`--file`, `--out`, `--detach`). */
export function operationHelp(operation: OperationInfo, extra: readonly Field[]): string {
  const fields = fieldsOf(operation.input);
  const flags = fields.filter(({ name }) => !operation.positional.includes(name));
  const byPosition = fields.filter(({ name }) => operation.positional.includes(name));
  return [
    `Usage: sextant ${operation.noun} ${operation.name}${positionals(operation)} [flags]`,
    '',
    `${operation.summary}.`,
    ...(startsJob(operation) ? ['Follows the job until it ends; Ctrl-C cancels it, once more leaves it running.'] : []),
    ...(answersWithFile(operation) ? ['Prints the document, or writes it where --out says.'] : []),
    ...(byPosition.length > 0
      ? ['', 'Arguments:', ...columns(byPosition.map((field) => [`<${field.name}>`, about(field)]))]
      : []),
    ...(flags.length + extra.length > 0
      ? ['', 'Flags:', ...columns([...extra, ...flags].map((field) => [flagUsage(field), about(field)]))]
      : []),
    '',
    `REST: ${operation.method} /api/v1${operation.path}`,
    '',
  ].join('\n');
}

export function localHelp(command: LocalCommand): string {
  const flags = command.fields.map((field) => [flagUsage(field), about(field)] as const);
  return [
    `Usage: sextant ${command.name}${command.usage === '' ? '' : ` ${command.usage}`}`,
    '',
    `${command.summary}.`,
    ...(flags.length > 0 ? ['', 'Flags:', ...columns(flags)] : []),
    '',
  ].join('\n');
}

function positionals(operation: OperationInfo): string {
  const fields = fieldsOf(operation.input);
  return operation.positional
    .map((name) => (fields.find((field) => field.name === name)?.kind === 'list' ? ` <${name}>…` : ` <${name}>`))
    .join('');
}

function about(field: Field): string {
  const text = [field.title, field.description].filter((part) => part !== undefined).join('. ');
  const facts = [
    field.unit,
    range(field),
    field.required ? 'required' : undefined,
    field.default === undefined ? undefined : `default ${plain(field.default)}`,
    field.examples.length > 0 ? `e.g. ${plain(field.examples[0])}` : undefined,
  ].filter((fact) => fact !== undefined && fact !== '');
  return facts.length === 0 ? text : `${text}${text === '' ? '' : ' '}(${facts.join('; ')})`;
}

function range({ minimum, maximum }: Field): string | undefined {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `from ${minimum}`;
  return maximum === undefined ? undefined : `up to ${maximum}`;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const WIDEST_LEFT = 44;

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(WIDEST_LEFT, Math.max(0, ...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) => {
    if (right === '') return `  ${left}`;
    return left.length > width ? `  ${left}\n  ${' '.repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`;
  });
}
