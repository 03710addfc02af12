/** The commands that are no operations of the contract; their code is loaded only when they run. */
import type { LocalCommand } from '#contract/derive/help';
import type { CommandContext } from './command-context';
import { localField } from './local-field';

export interface RunnableCommand extends LocalCommand {
  run(words: readonly string[], context: CommandContext): Promise<void>;
}

export const localCommands: readonly RunnableCommand[] = [
  {
    name: 'demo',
    summary: 'The whole job on a sample market: data, quality, a walk-forward run, weights and a report',
    usage: '[--workspace DIR]',
    fields: [],
    run: async (words, context) => (await import('./demo')).runDemo(words, context),
  },
  {
    name: 'serve',
    summary: 'Serve the workspace to a browser and to programs on this machine until it is stopped',
    usage: '[flags]',
    fields: [
      localField('port', 'Port on 127.0.0.1; 0 takes a free one; as configured unless given', { kind: 'integer' }),
      localField('per-minute', 'Requests per minute with the token of the token file; as configured unless given', {
        kind: 'integer',
      }),
    ],
    run: async (words, context) => (await import('./serve-command')).runServe(words, context),
  },
  {
    name: 'open',
    summary: 'Print a link that signs a browser in to the running Sextant; it works once, within a minute',
    usage: '',
    fields: [],
    run: async (words, context) => (await import('./open-command')).runOpen(words, context),
  },
  {
    name: 'api bench',
    summary: 'How fast the API answers here: latency of reads and of inference, and whether memory stays flat',
    usage: '[flags]',
    fields: [
      localField('seconds', 'How long reads are asked for', { kind: 'integer', default: 10 }),
      localField('rate', 'Reads per second', { kind: 'integer', default: 1000 }),
      localField('connections', 'Connections at most', { kind: 'integer', default: 16 }),
      localField('model', 'Model to ask for forecasts; the newest unless named'),
    ],
    run: async (words, context) => (await import('./api-bench-command')).runApiBench(words, context),
  },
  {
    name: 'api client',
    summary:
      'Write the typed client for TypeScript and JavaScript: one file and its declarations, without dependencies',
    usage: '--out DIR',
    fields: [localField('out', 'Folder to write sextant.js, sextant.d.ts and package.json to')],
    run: async (words, context) => (await import('./api-client-command')).runApiClient(words, context),
  },
  {
    name: 'recover',
    summary: 'Open a workspace or a backup with the recovery key from paper',
    usage: '[--from BACKUP] --recovery-key -',
    fields: [
      localField('from', 'Folder of a backup to make the workspace from, on a new machine'),
      localField('recovery-key', '- reads it from standard input, @FILE from a file of mode 0600'),
    ],
    run: async (words, context) => (await import('./recover-command')).runRecover(words, context),
  },
  {
    name: 'calc',
    summary: 'Answer one calculation, or a suite of them, in JSON',
    usage: '<kind> --input NAME=FILE … --params JSON | --request FILE | --suite DIR --out DIR | --list',
    fields: [
      localField('input', 'NAME=FILE, once per input', { kind: 'list' }),
      localField('params', 'Parameters as JSON, or @FILE', { kind: 'json', default: {} }),
      localField('request', 'A question in a file: kind, inputs, params'),
      localField('base', 'Folder that input paths are relative to'),
      localField('data', 'Folder for input paths that begin with "(data) "'),
      localField('suite', 'Folder with cases/**.json to answer'),
      localField('out', 'Folder for the answers of a suite'),
      localField('kind', 'Only kinds that begin with this; may be repeated', { kind: 'list' }),
      localField('engine', 'Training engine that answers kinds about networks: wgsl, wasm, tf or reference'),
      localField('list', 'Every kind with its inputs, parameters and recipe', { kind: 'boolean' }),
    ],
    run: async (words, context) => (await import('./calc-command')).runCalc(words, context),
  },
];

export function findLocalCommand(name: string): RunnableCommand | undefined {
  return localCommands.find((command) => command.name === name);
}
