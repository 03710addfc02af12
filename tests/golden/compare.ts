/**
 * Compares an answer of a calculation kind with the expected values of a reference case.
 * A value passes when |answer − expected| ≤ abs + rel · |expected| with the tolerance of the nearest named enclosing key.
 */
import type { CalcTable } from '#quant/calc/kind';

interface Tolerance {
  readonly abs?: number;
  readonly rel?: number;
  /** A key that the answer or the expectation leaves out counts as 0. */
  readonly missing_is_zero?: boolean;
}

export interface Expectation {
  readonly expected: unknown;
  readonly alternatives?: readonly unknown[];
  readonly tolerance: Readonly<Record<string, Tolerance>>;
}

type ReadTable = (path: string) => CalcTable;

const LONGEST_LIST = 20;

interface Context {
  readonly tolerances: Expectation['tolerance'];
  readonly readTable: ReadTable;
  readonly found: string[];
}

/** → what differs, empty when the expected values or one of the alternatives are met. */
export function differences(expectation: Expectation, answer: unknown, readTable: ReadTable): readonly string[] {
  let first: readonly string[] | undefined;
  for (const expected of [expectation.expected, ...(expectation.alternatives ?? [])]) {
    const context: Context = { tolerances: expectation.tolerance, readTable, found: [] };
    compare(context, expected, answer, expectation.tolerance['default'] ?? {}, '');
    if (context.found.length === 0) return context.found;
    first ??= context.found;
  }
  return first ?? [];
}

function compare(context: Context, wanted: unknown, given: unknown, tolerance: Tolerance, where: string): void {
  if (context.found.length >= LONGEST_LIST) return;
  if (isRecord(wanted) && '$csv' in wanted)
    compareTables(context, context.readTable(String(wanted['$csv'])), given, tolerance, where);
  else if (Array.isArray(wanted)) compareLists(context, wanted, given, tolerance, where);
  else if (isRecord(wanted)) compareRecords(context, wanted, given, tolerance, where);
  else compareLeaf(context, wanted, given, tolerance, where);
}

function compareLists(
  context: Context,
  wanted: readonly unknown[],
  given: unknown,
  tolerance: Tolerance,
  where: string,
): void {
  if (!Array.isArray(given) || given.length !== wanted.length) {
    context.found.push(
      `${where}: expected ${wanted.length} entries, found ${Array.isArray(given) ? given.length : 'none'}`,
    );
    return;
  }
  wanted.forEach((value, i) => {
    compare(context, value, given[i], tolerance, `${where}[${i}]`);
  });
}

function compareRecords(
  context: Context,
  wanted: Record<string, unknown>,
  given: unknown,
  tolerance: Tolerance,
  where: string,
): void {
  if (!isRecord(given)) {
    context.found.push(`${where}: missing`);
    return;
  }
  for (const [key, value] of Object.entries(wanted)) {
    const own = context.tolerances[key] ?? tolerance;
    const answered = !(key in given) && tolerance.missing_is_zero === true ? 0 : given[key];
    compare(context, value, answered, own, where === '' ? key : `${where}.${key}`);
  }
  if (tolerance.missing_is_zero !== true) return;
  for (const key of Object.keys(given))
    if (!(key in wanted)) compareLeaf(context, 0, given[key], tolerance, `${where}.${key}`);
}

function compareTables(context: Context, wanted: CalcTable, given: unknown, tolerance: Tolerance, where: string): void {
  if (!isTable(given) || given.rows.length !== wanted.rows.length) {
    context.found.push(
      `${where}: expected a table of ${wanted.rows.length} rows, found ${isTable(given) ? given.rows.length : 'none'}`,
    );
    return;
  }
  const positions = wanted.columns.map((column, i) => {
    const position = given.columns.indexOf(column);
    return position < 0 && i === 0 ? 0 : position;
  });
  wanted.rows.forEach((row, r) => {
    row.forEach((value, c) => {
      const own = context.tolerances[wanted.columns[c]] ?? tolerance;
      const answered = positions[c] < 0 ? undefined : given.rows[r][positions[c]];
      compareLeaf(
        context,
        value === '' ? null : value,
        answered,
        own,
        `${where}[${String(row[0])}].${wanted.columns[c]}`,
      );
    });
  });
}

function compareLeaf(context: Context, wanted: unknown, given: unknown, tolerance: Tolerance, where: string): void {
  if (context.found.length >= LONGEST_LIST) return;
  if (isMissing(wanted) || isMissing(given)) {
    if (isMissing(wanted) !== isMissing(given))
      context.found.push(`${where}: expected ${show(wanted)}, found ${show(given)}`);
    return;
  }
  const x = asNumber(wanted);
  if (typeof wanted === 'boolean' || x === undefined) {
    if (String(wanted) !== String(given))
      context.found.push(`${where}: expected ${show(wanted)}, found ${show(given)}`);
    return;
  }
  const y = asNumber(given);
  const allowed = (tolerance.abs ?? 0) + (tolerance.rel ?? 0) * Math.abs(x);
  if (y === undefined || !(y === x || Math.abs(y - x) <= allowed)) {
    context.found.push(`${where}: expected ${x}, found ${show(given)}, allowed ${allowed.toExponential(1)}`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTable(value: unknown): value is CalcTable {
  return isRecord(value) && Array.isArray(value['columns']) && Array.isArray(value['rows']);
}

function isMissing(value: unknown): boolean {
  return value === null || value === undefined || value === '' || Number.isNaN(value);
}

function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
