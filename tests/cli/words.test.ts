/** What the command line understands, without an engine behind it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleOf } from '#contract/derive/example';
import { fieldsOf } from '#contract/derive/fields';
import { findOperation, nouns, operations } from '#contract/derive/operations';
import { parseArguments } from '#headless/arguments';
import { localCommands } from '#headless/local-commands';
import { runCli } from '#headless/run-cli';
import { cliWords } from '../support/cli-words';
import { testTerminal } from '../support/test-terminal';

const program = { workerEntry: '/nowhere/worker.js', rendererDir: null, root: '/nowhere' };

async function cli(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = testTerminal({ XDG_DATA_HOME: '/nowhere' });
  const code = await runCli(words, terminal, program);
  return { code, out: terminal.out(), err: terminal.err() };
}

function parse(noun: string, name: string, words: readonly string[]) {
  const operation = findOperation(noun, name);
  if (operation === undefined) throw new Error(`${noun} ${name} is not in the contract`);
  const rules = { fields: fieldsOf(operation.input), positional: operation.positional, local: [], help: 'help' };
  return parseArguments(words, rules).input;
}

describe('lists of choices', () => {
  test('take several in one word, or the flag again; a word that is none is refused', () => {
    expect(parse('reports', 'create', ['--format', 'pdf,xlsx'])).toEqual({ format: 'pdf,xlsx' });
    expect(parse('reports', 'create', ['--format', 'pdf', '--format', 'md'])).toEqual({ format: ['pdf', 'md'] });
    expect(() => parse('reports', 'create', ['--format', 'pdf,docx'])).toThrowError(/Expected one of pdf, xlsx/);
  });
});

describe('help', () => {
  test('is there for the program, every noun, every operation and every command, on stdout, with exit code 0', async () => {
    const asked = [
      [],
      ['--help'],
      ['help'],
      ...nouns.flatMap((noun) => [
        [noun, '--help'],
        ['help', noun],
      ]),
      ...operations.map(({ noun, name }) => [noun, name, '--help']),
      ...localCommands.map(({ name }) => [name, '-h']),
    ];
    for (const words of asked) {
      const { code, out, err } = await cli(...words);
      expect([code, err], words.join(' ')).toEqual([0, '']);
      expect(out, words.join(' ')).toMatch(/^(Sextant|Usage: sextant)/);
    }
  });

  test('shows summary, types, defaults and units', async () => {
    const { out } = await cli('runs', 'start', '--help');
    expect(out).toContain('Start a run');
    expect(out).toMatch(/--config\.model\.horizon <integer> .*\(trading days; 1 to 252; default 21\)/);
    expect(out).toMatch(/--file <text>/);
    expect((await cli('datasets', 'list', '--help')).out).toMatch(
      /--limit <integer>\s+Rows at most \(1 to 500; default 50\)/,
    );
  });

  test('names every field of every operation', async () => {
    for (const operation of operations) {
      const { out } = await cli(operation.noun, operation.name, '--help');
      for (const { name } of fieldsOf(operation.input)) expect(out, operation.id).toContain(name);
    }
  });
});

describe('a wrong call', () => {
  test.each([
    [['dataset', 'list'], 'Did you mean "datasets"?'],
    [['datasets', 'lsit'], 'Did you mean "list"?'],
    [['datasets', 'list', '--limti', '3'], 'Did you mean --limit?'],
    [['datasets', 'list', '--limit', 'many'], 'Expected a whole number for --limit, found "many"'],
    [['datasets', 'list', '--limit'], 'Expected a value after --limit'],
    [['datasets', 'show'], 'Expected <dataset>, found nothing'],
    [['datasets', 'show', 'a', 'b'], 'found "b" as well'],
    [['datasets', 'import', 'x.csv'], 'Expected --name, found nothing'],
    [['datasets', 'import', 'x.csv', '--name', 'a', '--conflicts', 'both'], 'Expected one of refuse, keep-last'],
    [['datasets', 'prices', 'a', 'b', '--from', 'yesterday'], 'Expected a date as YYYY-MM-DD'],
    [['runs', 'start', '--config.model.forecast', '{'], 'Expected JSON, or @FILE'],
    [['datasets'], 'Expected an operation after "datasets"'],
    [['serve', '--prot', '1'], 'Did you mean --port?'],
    [['serve', '--port', '70000'], 'Expected a port from 0 to 65535'],
    [['calc'], 'Expected one of a kind, --request, --suite and --list'],
    [['datasets', 'list', '--workspace'], 'Expected a folder after --workspace'],
  ])('%j says what was expected and exits with 2', async (words, message) => {
    const { code, out, err } = await cli(...words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  test('is an error object on stdout where stdout is for machines', async () => {
    const { code, out, err } = await cli('--json', 'datasets', 'list', '--limit', 'many');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'BAD_REQUEST', message: expect.stringContaining('"many"') },
    });
    expect(err).toContain('sextant: ');
  });
});

/** Inputs where the example of the schema says too little to be written as words. */
const INPUTS: Readonly<Record<string, Record<string, unknown>>> = {
  'runs.compare': { runs: ['a', 'b'] },
  'registry.compare': { versions: ['a', 'b'] },
  'privacy.configure': { config: { localOnly: true } },
  'api.configure': { config: { perMinute: 30 } },
  'limits.configure': { config: { limits: [] } },
  'traces.configure': { config: { enabled: false } },
  'slos.configure': { config: { windowDays: 7 } },
};

describe('words', () => {
  test('of every operation lead back to the input that they were made from', () => {
    for (const operation of operations) {
      // One word for a list that may also be plain text stays plain text.
      const input = INPUTS[operation.id] ?? Object(exampleOf(operation.input));
      const [, , ...words] = cliWords(operation, input);
      expect(parse(operation.noun, operation.name, words), operation.id).toEqual(input);
    }
  });

  test('may hold any text, number or list', () => {
    const value = fc.record({
      name: fc.string({ minLength: 1 }),
      prices: fc.array(fc.string({ minLength: 1 }), { minLength: 1 }),
      options: fc.record({
        maxBadShare: fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
        conflicts: fc.constantFrom('refuse', 'keep-last'),
        layout: fc.string(),
      }),
    });
    const operation = findOperation('datasets', 'import');
    fc.assert(
      fc.property(value, (input) => {
        if (operation === undefined) throw new Error('datasets.import is missing');
        const [, , ...words] = cliWords(operation, input);
        expect(parse('datasets', 'import', words)).toEqual(input);
      }),
    );
  });

  test('find a flag by its end, in either spelling, and switches in both directions', () => {
    expect(parse('datasets', 'import', ['a.csv', 'b.csv', '--conflicts', 'keep-last', '--max-bad-share=0.5'])).toEqual({
      prices: ['a.csv', 'b.csv'],
      options: { conflicts: 'keep-last', maxBadShare: 0.5 },
    });
    expect(parse('jobs', 'list', ['--active'])).toEqual({ active: true });
    expect(parse('jobs', 'list', ['--no-active'])).toEqual({ active: false });
    expect(parse('jobs', 'list', ['--active', 'false'])).toEqual({ active: false });
    expect(parse('portfolios', 'trades', ['latest', '--cash', '-5'])).toEqual({ portfolio: 'latest', cash: -5 });
    expect(parse('runs', 'start', ['--config.model.forecast', 'null', '--set', 'standard'])).toEqual({
      config: { model: { forecast: null, features: { set: 'standard' } } },
    });
    expect(parse('runs', 'start', ['--set', 'a', '--set', 'b'])).toEqual({
      config: { model: { features: { set: ['a', 'b'] } } },
    });
  });
});

test('the version is one line, or facts for machines', async () => {
  expect((await cli('--version')).out).toMatch(/^sextant \d+\.\d+\.\d+\n$/);
  expect(JSON.parse((await cli('--version', '--json')).out)).toMatchObject({ app: expect.any(String) });
});
