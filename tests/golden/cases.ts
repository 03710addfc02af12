/** The reference cases beside the repository: read, asked and compared. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { CalcInput, CalcTable } from '#quant/calc/kind';
import { findCalcKind } from '#quant/calc/registry';
import { readTable } from '#quant/calc/tables';
import type { NetworkEngine } from '#quant/nn/engine';
import { differences, type Expectation } from './compare';

export interface Case extends Expectation {
  readonly id: string;
  readonly kind: string;
  readonly inputs: Readonly<Record<string, { readonly file?: string } & Record<string, unknown>>>;
  readonly params: unknown;
}

const shared = resolve(import.meta.dirname, '../../../shared');
export const suite = join(shared, 'golden');
const DATA_PREFIX = '(data) ';

function readBytes(path: string): Uint8Array {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

function readInputs(inputs: Case['inputs']): Record<string, CalcInput> {
  const read: Record<string, CalcInput> = {};
  for (const [name, meta] of Object.entries(inputs)) {
    const file = meta.file;
    if (file === undefined) read[name] = { name, bytes: new TextEncoder().encode(JSON.stringify(meta)), meta };
    else {
      const path = file.startsWith(DATA_PREFIX)
        ? join(shared, 'data', file.slice(DATA_PREFIX.length))
        : join(suite, file);
      read[name] = { name: file, bytes: readBytes(path), meta };
    }
  }
  return read;
}

function readExpectedTable(path: string): CalcTable {
  const table = readTable({ name: path, bytes: readBytes(join(suite, path)), meta: {} });
  return {
    columns: table.columns,
    rows: Array.from({ length: table.rowCount }, (_, row) => table.cells.map((cells) => cells[row])),
  };
}

/** What is wrong with the answer to a case, by a training engine where one is given. */
export async function check(oracle: Case, engine?: NetworkEngine): Promise<readonly string[]> {
  const kind = findCalcKind(oracle.kind);
  if (kind === undefined) return [`${oracle.kind} is not registered`];
  try {
    if (engine !== undefined && kind.runOn === undefined) return [`${oracle.kind} cannot be asked of an engine`];
    const answer: unknown =
      engine === undefined
        ? await kind.run(readInputs(oracle.inputs), oracle.params)
        : await kind.runOn?.(readInputs(oracle.inputs), oracle.params, engine);
    return differences(oracle, JSON.parse(JSON.stringify(answer)), readExpectedTable);
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

export function readCases(): Map<string, Case[]> {
  const byKind = new Map<string, Case[]>();
  for (const entry of readdirSync(join(suite, 'cases'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.json')) continue;
    // The suite is trusted to have the documented shape; a broken file fails its own test.
    const oracle = JSON.parse(readFileSync(join(entry.parentPath, entry.name), 'utf8')) as Case;
    const list = byKind.get(oracle.kind) ?? [];
    list.push(oracle);
    byKind.set(oracle.kind, list);
  }
  return byKind;
}
