/**
 * A run's configuration as a person writes it: YAML text to a checked configuration, or every problem with its line and
 * column. Unknown names, duplicate keys, wrong types and missing fields are all found in one pass.
 */
import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { jsonSchemaOf } from '#contract/derive/json-schema';
import { describeIssues, formatPath, type LocatedProblem } from '#contract/derive/problems';
import { runConfigSchema, type RunConfig } from '#contract/runs';
import { checkPieces } from './config-pieces';

export interface ConfigProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** `model.features.winsorize`; empty where the text itself is malformed. */
  readonly path: string;
  readonly message: string;
}

export interface ParsedRunConfig {
  readonly config: RunConfig | null;
  readonly problems: ConfigProblem[];
}

/** Something that a schema cannot say, found by a further check of a well-formed configuration. */
export interface PieceProblem {
  readonly steps: readonly PropertyKey[];
  readonly message: string;
  /** Set where the last step is a name that should not be there. */
  readonly unknownKey?: boolean;
}

/** A document cannot unfold into more than this: aliases may repeat a node, but not explode. */
const MOST_ALIASES = 100;

/**
 * Parses and checks a configuration. Never throws for what the text holds.
 * @param file name for the messages
 * @param check further problems of a configuration that fits the schema: names that no registry knows
 */
export function parseRunConfig(
  text: string,
  file: string,
  check: (config: RunConfig) => readonly PieceProblem[] = checkPieces,
): ParsedRunConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true });
  const at = (offset: number, path: string, message: string): ConfigProblem => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), path, message };
  };
  const syntax = [...document.errors, ...document.warnings];
  if (syntax.length > 0) {
    return { config: null, problems: syntax.map((error) => at(error.pos[0], '', firstLine(error.message))) };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    return { config: null, problems: [at(0, '', error instanceof Error ? error.message : String(error))] };
  }
  const parsed = runConfigSchema.safeParse(value ?? {});
  if (!parsed.success) {
    const found = describeIssues(parsed.error.issues, value ?? {}, jsonSchemaOf(runConfigSchema));
    return {
      config: null,
      problems: inOrder(found.map((item) => at(offsetOf(document, item), item.path, item.message))),
    };
  }
  const further = check(parsed.data).map(({ steps, message, unknownKey = false }) =>
    at(offsetOf(document, { steps, unknownKey }), formatPath(steps), message),
  );
  return { config: further.length === 0 ? parsed.data : null, problems: inOrder(further) };
}

/** `file:line:column path: message`, one line per problem. */
export function formatConfigProblems(problems: readonly ConfigProblem[]): string {
  return problems
    .map(
      ({ file, line, column, path, message }) =>
        `${file}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}`,
    )
    .join('\n');
}

function inOrder(problems: ConfigProblem[]): ConfigProblem[] {
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Where the value stands; the key itself for unknown names; the nearest enclosing node for what is missing. */
function offsetOf(document: Document, { steps, unknownKey }: Pick<LocatedProblem, 'steps' | 'unknownKey'>): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of steps.entries()) {
    const isLast = depth === steps.length - 1;
    const pair = isMap(node)
      ? node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step))
      : undefined;
    const next: unknown = isSeq(node) && typeof step === 'number' ? node.items[step] : pair?.value;
    offset = (isLast && unknownKey ? startOf(pair?.key) : undefined) ?? startOf(next) ?? startOf(pair?.key) ?? offset;
    node = next;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : undefined;
}

function firstLine(message: string): string {
  return message.split('\n')[0].replace(/ at line \d+, column \d+:?$/, '');
}
