/**
 * A calculation kind: one entry of `sextant calc`, the command-line door to the science.
 * A kind is data plus one pure function; reading files is the caller's business.
 */
import type { z } from 'zod';
import type { NetworkEngine } from '#quant/nn/engine';

/** One input of a case, already read and (if gzipped) decompressed. */
export interface CalcInput {
  /** File name as given, e.g. `inputs/prices.csv.gz`; only for messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Everything else that the case says about this input (`layout`, `filter`, …). */
  readonly meta: Readonly<Record<string, unknown>>;
}

/** Table answers: columns by name, rows by position; null = missing. */
export interface CalcTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}

export interface CalcKind<Params = unknown> {
  /** Dotted name, e.g. `optimize.min_variance`. */
  readonly id: string;
  readonly summary: string;
  /** The exact definition in words, with conventions and source. */
  readonly recipe: string;
  /** Input name → what the file must hold; a trailing `?` in the name marks an optional input. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly params: z.ZodType<Params>;
  /** Returns plain JSON (numbers, strings, arrays, objects, CalcTable; NaN and missing become null when printed). */
  run(inputs: Readonly<Record<string, CalcInput>>, params: Params): unknown;
  /** The same answer by a training engine, where the kind is about networks. */
  runOn?(inputs: Readonly<Record<string, CalcInput>>, params: Params, engine: NetworkEngine): Promise<unknown>;
}

/** Keeps the parameter type of a kind while letting kinds of different parameters live in one list. */
export function calcKind<Params>(kind: CalcKind<Params>): CalcKind {
  const { runOn, ...rest } = kind;
  return {
    ...rest,
    run: (inputs, params) => kind.run(inputs, kind.params.parse(params)),
    ...(runOn && { runOn: (inputs, params, engine) => runOn(inputs, kind.params.parse(params), engine) }),
  };
}
