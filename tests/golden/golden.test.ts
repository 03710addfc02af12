/**
 * Runs every calculation kind on the reference cases beside the repository and compares the answers.
 * One test per kind: `npx vitest run tests/golden -t covariance`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { CalcInput, CalcTable } from '#quant/calc/kind';
import { findCalcKind } from '#quant/calc/registry';
import { readTable } from '#quant/calc/tables';
import { differences, type Expectation } from './compare';

interface Case extends Expectation {
  readonly id: string;
  readonly kind: string;
  readonly inputs: Readonly<Record<string, { readonly file?: string } & Record<string, unknown>>>;
  readonly params: unknown;
}

const shared = resolve(import.meta.dirname, '../../../shared');
const suite = join(shared, 'golden');
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

async function check(oracle: Case): Promise<readonly string[]> {
  const kind = findCalcKind(oracle.kind);
  if (kind === undefined) return [`${oracle.kind} is not registered`];
  try {
    const answer: unknown = await kind.run(readInputs(oracle.inputs), oracle.params);
    return differences(oracle, JSON.parse(JSON.stringify(answer)), readExpectedTable);
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

function readCases(): Map<string, Case[]> {
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

if (existsSync(join(suite, 'cases'))) {
  describe('reference cases', () => {
    for (const [kind, cases] of [...readCases()].sort(([a], [b]) => (a < b ? -1 : 1))) {
      test(`${kind} answers its ${cases.length} cases`, { timeout: 120_000 }, async () => {
        const failures: string[] = [];
        for (const oracle of cases) {
          const found = await check(oracle);
          if (found.length > 0) failures.push(`${oracle.id}\n    ${found.slice(0, 5).join('\n    ')}`);
        }
        expect(failures.join('\n')).toBe('');
      });
    }
  });
} else {
  test.skip(`reference cases: skipped because ${suite} is absent`, () => undefined);
  console.info('Reference cases skipped: ../shared/golden is absent.');
}
