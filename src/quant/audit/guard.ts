/**
 * What a leakage guard is: a named proof about one experiment, with the gate that it must pass and an outcome that a person can read.
 * Specs are light and found by `registry.ts`; the proof itself is `<folder>/guard.ts`.
 */

export const GUARD_IDS = ['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8'] as const;
export type GuardId = (typeof GUARD_IDS)[number];

export interface GuardSpec {
  readonly id: GuardId;
  readonly title: string;
  /** One sentence: which ways of cheating are excluded when it passes. */
  readonly proves: string;
  /** The condition in numbers. */
  readonly gate: string;
}

/**
 * `failed` = a leak was found; `warning` = no leak, but a reader must know; `not-run` = the guard does not apply or could not be
 * computed, and the summary says why.
 */
export type GuardStatus = 'passed' | 'failed' | 'warning' | 'not-run';

export interface Figure {
  readonly name: string;
  /** Null where it is not defined for this run; the notes say why. */
  readonly value: number | null;
  readonly unit: string;
}

export interface FindingTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

export interface Finding {
  readonly status: GuardStatus;
  /** One sentence with the decisive number. */
  readonly summary: string;
  readonly figures: readonly Figure[];
  readonly table: FindingTable | null;
  readonly notes: readonly string[];
}

export function figure(name: string, value: number, unit = ''): Figure {
  return { name, value: Number.isFinite(value) ? value : null, unit };
}

/** A finding without a number: why the guard was not run. */
export function notRun(summary: string, notes: readonly string[] = []): Finding {
  return { status: 'not-run', summary, figures: [], table: null, notes };
}
