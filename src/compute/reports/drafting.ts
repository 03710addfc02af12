/**
 * What every kind of report is written with: the facts, the language, figures that remember how they came about, and blocks that several
 * kinds share. A draft collects the derivations that its figures name, so a report explains what it shows and nothing else.
 */
import type { Measure } from '#contract/fields';
import { DERIVATIONS, type DerivationId } from './derivations';
import type { ReportFacts, RunFacts } from './facts';
import type { Cell, ColorRole, Column, Derivation, Figure, Row, Section, Table, Tone, Unit } from './model';
import { numberTexts, type NumberTexts } from './numbers';
import type { Say } from './words';
import { frameWords } from './frame-words';

export interface Draft {
  readonly facts: ReportFacts;
  readonly say: Say;
  readonly numbers: NumberTexts;
  /** Of the figures made so far. */
  readonly derivations: Map<string, Derivation>;
  figure(value: number | null | undefined, unit: Unit, derivation: DerivationId, reason?: string): Figure;
  /** A stored measure with its interval. */
  measure(measure: Measure | undefined, unit: Unit, derivation: DerivationId): Figure;
  table(table: TableDraft): Table;
}

export interface TableDraft {
  readonly id: string;
  /** Already in the language of the report, as all texts here. */
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[] | Row)[];
  readonly note?: string;
  readonly derivation?: DerivationId;
}

export interface Content {
  readonly title: string;
  readonly subtitle: string;
  readonly verdict: string;
  readonly verdictTone: Tone;
  readonly sections: readonly Section[];
  /** Whether a spreadsheet gets the equity curves. */
  readonly withSeries: boolean;
}

export function createDraft(facts: ReportFacts, say: Say): Draft {
  const derivations = new Map<string, Derivation>();
  const words = frameWords(say);

  function use(id: DerivationId): DerivationId {
    const { title, formula, source, conventions } = DERIVATIONS[id];
    if (!derivations.has(id)) {
      derivations.set(id, {
        title: say(title),
        formula,
        source,
        conventions: conventions.map((text: string) => say(text)),
      });
    }
    return id;
  }

  function figure(value: number | null | undefined, unit: Unit, derivation: DerivationId, reason?: string): Figure {
    const base = { unit, derivation: use(derivation) };
    if (typeof value === 'number' && Number.isFinite(value)) return { ...base, value };
    const why =
      reason ??
      (value === null || value === undefined ? say('Not stored.') : say('The stored value is not a finite number.'));
    return { ...base, value: null, reason: why };
  }

  return {
    facts,
    say,
    numbers: numberTexts({ locale: facts.locale, currency: facts.currency, words }),
    derivations,
    figure,
    measure(measure, unit, derivation) {
      const made = figure(measure?.value, unit, derivation, measure?.reason);
      const { low, high } = measure ?? {};
      const hasInterval = made.value !== null && Number.isFinite(low) && Number.isFinite(high);
      return hasInterval && low !== undefined && high !== undefined ? { ...made, low, high } : made;
    },
    table({ derivation, rows, ...table }) {
      return {
        type: 'table',
        ...table,
        rows: rows.map((row) => (isRow(row) ? row : { cells: row })),
        ...(derivation === undefined ? {} : { derivation: use(derivation) }),
      };
    },
  };
}

function isRow(row: readonly Cell[] | Row): row is Row {
  return 'cells' in row;
}

/** Our strategy, baseline and benchmark have their own colors; the others take the categorical order. */
export function colorsOf(strategies: readonly { readonly role: string }[]): ColorRole[] {
  let next = 0;
  return strategies.map(({ role }) => {
    if (role === 'primary') return 'ours';
    if (role === 'baseline') return 'baseline';
    return role === 'benchmark' ? 'benchmark' : next++;
  });
}

export function toneOf(role: string): Tone | undefined {
  return role === 'primary' ? 'primary' : role === 'baseline' || role === 'benchmark' ? 'quiet' : undefined;
}

/** A row with a tone where there is one. */
export function row(cells: readonly Cell[], tone: Tone | undefined): Row {
  return tone === undefined ? { cells } : { cells, tone };
}

export function primaryOf(run: RunFacts) {
  const { strategies } = run.run;
  return strategies.find(({ role }) => role === 'primary') ?? strategies[0];
}

/** Net daily returns from an equity curve. */
export function returnsOf(equity: readonly number[]): Float64Array {
  return Float64Array.from({ length: Math.max(0, equity.length - 1) }, (_, t) => equity[t + 1] / equity[t] - 1);
}

/** The name of a run without its long identifier. */
export function shortRun(name: string): string {
  return name.replace(/-[0-9A-HJKMNP-TV-Z]{22}([0-9A-HJKMNP-TV-Z]{4})$/, '-…$1');
}
