/**
 * Answers that are tables, as columns: what spreadsheets and data frames read instead of nested JSON. Long form, one row per
 * observation, so that a new strategy or asset is more rows and never another layout.
 */
import type { z } from 'zod';
import type { audit } from '../audit';
import type { datasets } from '../datasets';
import type { runs } from '../runs';

export type Cell = string | number | null;

export interface Column {
  readonly name: string;
  /** Dates and times are ISO text. */
  readonly kind: 'text' | 'number' | 'integer';
  readonly values: readonly Cell[];
}

export interface Table {
  readonly columns: readonly Column[];
}

/** The forms beside JSON, with their media types. */
export const TABLE_FORMATS = {
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
} as const;
export type TableFormat = keyof typeof TABLE_FORMATS;

type Answer<Procedure extends { '~orpc': { outputSchema?: unknown } }> = z.infer<
  Extract<Procedure['~orpc']['outputSchema'], z.ZodType>
>;

const text = (name: string, values: readonly (string | null)[]): Column => ({ name, kind: 'text', values });
const number = (name: string, values: readonly (number | null)[]): Column => ({ name, kind: 'number', values });
const integer = (name: string, values: readonly (number | null)[]): Column => ({ name, kind: 'integer', values });

/** Columns of plain records, by the names of the first; what is nested is JSON text. */
function records(rows: readonly object[], kinds: Readonly<Record<string, Column['kind']>>): Table {
  return {
    columns: Object.entries(kinds).map(([name, kind]) => ({
      name,
      kind,
      values: rows.map((row) => cellOf(Reflect.get(row, name))),
    })),
  };
}

function cellOf(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}

function series({ dates, strategies }: Answer<typeof runs.series>): Table {
  const long = <T extends Cell>(pick: (strategy: (typeof strategies)[number]) => readonly T[]): T[] =>
    strategies.flatMap((strategy) => pick(strategy));
  return {
    columns: [
      text(
        'date',
        long(() => dates),
      ),
      text(
        'strategy',
        long(({ name }) => dates.map(() => name)),
      ),
      number(
        'equity',
        long(({ equity }) => equity),
      ),
      number(
        'gross',
        long(({ gross }) => gross),
      ),
      number(
        'drawdown',
        long(({ drawdown }) => drawdown),
      ),
      number(
        'rollingSharpe',
        long(({ rollingSharpe }) => rollingSharpe),
      ),
      number(
        'exposure',
        long(({ exposure }) => exposure),
      ),
    ],
  };
}

function weights({ dates, assets, sectors, weights: rows }: Answer<typeof runs.weights>): Table {
  return {
    columns: [
      text(
        'date',
        dates.flatMap((date) => assets.map(() => date)),
      ),
      text(
        'asset',
        dates.flatMap(() => assets),
      ),
      text(
        'sector',
        dates.flatMap(() => sectors),
      ),
      number('weight', rows.flat()),
    ],
  };
}

function prices({ dates, ...fields }: Answer<typeof datasets.prices>): Table {
  const { open, high, low, close, volume } = fields;
  return {
    columns: [
      text('date', dates),
      number('open', open),
      number('high', high),
      number('low', low),
      number('close', close),
      number('volume', volume),
    ],
  };
}

function metrics({ metrics: all }: Answer<typeof runs.metrics>): Table {
  return {
    columns: [
      text(
        'name',
        all.flatMap(({ name, steps }) => steps.map(() => name)),
      ),
      integer(
        'step',
        all.flatMap(({ steps }) => steps),
      ),
      number(
        'value',
        all.flatMap(({ values }) => values),
      ),
    ],
  };
}

const assets = ({ assets: rows }: Answer<typeof datasets.assets>): Table =>
  records(rows, {
    asset: 'text',
    sector: 'text',
    firstDate: 'text',
    lastDate: 'text',
    rows: 'integer',
    gaps: 'integer',
  });
const rejects = ({ rejects: rows }: Answer<typeof datasets.rejects>): Table =>
  records(rows, { file: 'text', line: 'integer', column: 'text', reason: 'text', text: 'text' });
const auditEntries = ({ entries }: Answer<typeof audit.list>): Table =>
  records(entries, { seq: 'integer', at: 'text', actor: 'text', action: 'text', object: 'text', detail: 'text' });
const accesses = ({ accesses: rows }: Answer<typeof audit.accesses>): Table =>
  records(rows, { seq: 'integer', at: 'text', actor: 'text', transport: 'text', operation: 'text', object: 'text' });

const tables: Readonly<Record<string, (answer: never) => Table>> = {
  'runs.series': series,
  'runs.weights': weights,
  'runs.metrics': metrics,
  'datasets.prices': prices,
  'datasets.assets': assets,
  'datasets.rejects': rejects,
  'audit.list': auditEntries,
  'audit.accesses': accesses,
};

/** Whether the answer of an operation can be had as a table. */
export function isTabular(operation: string): boolean {
  return Object.hasOwn(tables, operation);
}

/** @param answer what the operation answered */
export function tableOf(operation: string, answer: unknown): Table {
  return tables[operation](answer as never); // the list pairs them by name
}
