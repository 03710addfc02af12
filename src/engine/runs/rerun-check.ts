/**
 * What a rerun proves: the same bits as the run it repeats, or where they part: which facts of the identity differ, and which number
 * is the first that does. Numbers are compared by their bits; there is no tolerance that could hide a difference.
 */
import { canonicalJson } from '#base/canonical-json';
import type { RerunCheck } from '#contract/run-tracking';
import type { Provenance } from '#contract/runs';
import { decodeBundle, type BundleArray } from '../store/array-bundle';

export interface CheckedRun {
  readonly id: string;
  readonly name: string;
  readonly provenance: Provenance;
  /** The stored result; null where there is none. */
  readonly bytes: Uint8Array | null;
}

/** The facts that decide the bits, in the words of the provenance. */
const IDENTITY = [
  'appVersion',
  'gitCommit',
  'lockHash',
  'configHash',
  'datasetHash',
  'seed',
  'device',
  'backend',
  'node',
  'platform',
  'environmentHash',
] as const satisfies readonly (keyof Provenance)[];

type First = NonNullable<RerunCheck['first']>;

export function checkRerun(original: CheckedRun, again: Omit<CheckedRun, 'id' | 'name'>): RerunCheck {
  const identity = IDENTITY.map((field) => ({
    field,
    before: String(original.provenance[field]),
    after: String(again.provenance[field]),
  })).filter(({ before, after }) => before !== after);
  const base = { of: original.id, name: original.name, identity };
  const changed = identity.map(({ field }) => field).join(', ');
  if (original.bytes === null || again.bytes === null) {
    return { ...base, equal: null, first: null, verdict: `${original.name} has no result to compare with.` };
  }
  if (original.provenance.resultHash === again.provenance.resultHash) {
    const despite = identity.length === 0 ? '' : `, although this differs: ${changed}`;
    return { ...base, equal: true, first: null, verdict: `Bit-equal to ${original.name}${despite}.` };
  }
  const first = firstDifference(original.bytes, again.bytes);
  const where = first === null ? 'in their encoding' : `first in ${first.what}: ${first.before}, then ${first.after}`;
  const why =
    identity.length === 0
      ? 'Nothing of the identity differs: report this.'
      : `What differs in the identity: ${changed}.`;
  return { ...base, equal: false, first, verdict: `Not equal to ${original.name}; the results part ${where}. ${why}` };
}

/** The first number or word that differs: of the document in the order of its names, then of the arrays day by day. */
export function firstDifference(before: Uint8Array, after: Uint8Array): First | null {
  const [a, b] = [decodeBundle(before), decodeBundle(after)];
  const series = firstInArrays(a.arrays, b.arrays, labelsOf(a.document));
  return firstInDocument(a.document, b.document, '') ?? series;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string {
  const text = value === undefined ? 'nothing' : canonicalJson(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** `strategies.0.metrics.sharpe.value` reads better as `strategies[hrp].metrics.sharpe.value`. */
function nameOf(holder: unknown, key: string): string {
  const item: unknown = isRecord(holder) ? holder[key] : undefined;
  const name = isRecord(item) ? item['name'] : undefined;
  return Array.isArray(holder) ? `[${typeof name === 'string' ? name : key}]` : `.${key}`;
}

function firstInDocument(a: unknown, b: unknown, path: string): First | null {
  if (isRecord(a) && isRecord(b) && Array.isArray(a) === Array.isArray(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const found = firstInDocument(a[key], b[key], path + nameOf(a, key));
      if (found !== null) return found;
    }
    return null;
  }
  return Object.is(a, b) ? null : { what: path.replace(/^\./, ''), before: textOf(a), after: textOf(b) };
}

interface Labels {
  readonly dates: readonly string[];
  readonly strategies: readonly string[];
}

function labelsOf(document: unknown): Labels {
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
  const fields = isRecord(document) ? document : {};
  return {
    dates: list(fields['dates']).map(String),
    strategies: list(fields['strategies']).map((strategy) => String(isRecord(strategy) ? strategy['name'] : strategy)),
  };
}

type Arrays = Readonly<Record<string, BundleArray>>;

function firstInArrays(a: Arrays, b: Arrays, { dates, strategies }: Labels): First | null {
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [before, after] = [a[name], b[name]];
    const [series, index] = name.split('.');
    const what = `${series} of ${strategies[Number(index)] ?? index}`;
    if (before === undefined || after === undefined || before.length !== after.length) {
      return { what: `the length of ${what}`, before: String(before?.length), after: String(after?.length) };
    }
    const at = before.findIndex((value, i) => !Object.is(value, after[i]));
    if (at >= 0) {
      const day = before.length === dates.length ? dates[at] : `position ${at}`;
      return { what: `${what} on ${day}`, before: String(before[at]), after: String(after[at]) };
    }
  }
  return null;
}
