/**
 * What people keep about runs: tags, notes, the shelf of archived ones, and the removal of those that came to nothing.
 * A sealed run is never changed or removed by any of it; a correction is a new run.
 */
import { AppError } from '#base/errors';
import { FACT_TAGS, RUN_PHASES } from '#contract/run-tracking';
import type { ExperimentSummary } from '#contract/experiments';
import type { Host } from '../host';
import { inTransaction, type Database } from '../store/database';
import type { RunRow } from './run-table';
import type { TrackingTable } from './tracking-table';

export interface RunTrackingOptions {
  readonly database: Database;
  readonly table: TrackingTable;
  /** Errors: NOT_FOUND. */
  find(ref: string): RunRow;
  readonly host: Pick<Host, 'now'>;
}

const MOST_TAGS = 50;
const LATENCY = /^\d+(\.\d+)?\s?(ms|s|min)$/;

/** Values that mean something to the program are held to their form; all other tags are the user's own. */
function checkTag(name: string, value: string): void {
  const problem = FACT_TAGS.some((fact) => fact === name)
    ? 'a tag that people write; this one states a fact about the run'
    : name === 'phase' && !RUN_PHASES.some((phase) => phase === value)
      ? `one of ${RUN_PHASES.join(', ')}`
      : name === 'latency_budget' && !LATENCY.test(value)
        ? 'a time such as 50 ms'
        : null;
  if (problem === null) return;
  throw new AppError('BAD_REQUEST', `Expected ${problem}, found ${name}=${value}. The tags are unchanged.`);
}

export function createRunTracking({ database, table, find, host }: RunTrackingOptions) {
  function tag(ref: string, changes: readonly string[]): { id: string; tags: Record<string, string> } {
    const { id } = find(ref);
    return inTransaction(database, () => {
      for (const change of changes) {
        const equals = change.indexOf('=');
        const [name, value] = [change.slice(0, equals), change.slice(equals + 1)];
        if (value !== '') checkTag(name, value);
        else if (FACT_TAGS.some((fact) => fact === name)) checkTag(name, value);
        if (value === '') table.dropTag(id, name);
        else table.setTag(id, name, value);
      }
      const tags = table.tags(id);
      const count = Object.keys(tags).length;
      if (count > MOST_TAGS) {
        throw new AppError('TOO_LARGE', `Expected at most ${MOST_TAGS} tags on a run, found ${count}. Remove some.`);
      }
      return { id, tags };
    });
  }

  function note(ref: string, text: string): { id: string; note: string } {
    const { id } = find(ref);
    inTransaction(database, () => table.setNote(id, text));
    return { id, note: text };
  }

  function archive(ref: string, archived: boolean): { id: string; archived: boolean } {
    const { id } = find(ref);
    inTransaction(database, () => table.setArchived(id, archived ? host.now() : null));
    return { id, archived };
  }

  /** Errors: NOT_FOUND; CONFLICT where the run has finished, is at work, or is what a rerun refers to. */
  function remove(ref: string): string {
    const { id, name, status } = find(ref);
    const refuse = (found: string, todo: string): never => {
      throw new AppError('CONFLICT', `Expected a run that came to nothing, found ${name}, ${found}. ${todo}`, {
        data: { run: id, status },
      });
    };
    if (status === 'succeeded') {
      refuse(
        'which has finished',
        `A finished run is evidence and never changes; take it out of the lists with: sextant runs archive ${id}.`,
      );
    }
    if (status !== 'failed' && status !== 'cancelled') refuse(`which is ${status}`, 'Cancel it first.');
    const reruns = table.rerunsOf(id);
    if (reruns > 0) refuse(`of which there are ${reruns} reruns`, 'Archive it instead.');
    inTransaction(database, () => table.remove(id));
    return id;
  }

  function metrics(ref: string, name: string | undefined) {
    const series = new Map<string, { name: string; steps: number[]; values: number[]; times: (string | null)[] }>();
    for (const row of table.metrics(find(ref).id, name)) {
      const known = series.get(row.name) ?? { name: row.name, steps: [], values: [], times: [] };
      known.steps.push(row.step);
      known.values.push(row.value);
      known.times.push(row.at === null ? null : new Date(row.at).toISOString());
      series.set(row.name, known);
    }
    return { metrics: [...series.values()] };
  }

  function artifacts(ref: string) {
    const { id } = find(ref);
    return {
      run: id,
      artifacts: table.artifacts(id).map(({ hash, ...artifact }) => ({ ...artifact, sha256: hash })),
    };
  }

  function checksums(ref: string) {
    const { name, provenance } = find(ref);
    const stored = artifacts(ref);
    const text = `${JSON.stringify({ ...stored, name, provenance: JSON.parse(provenance) }, null, 2)}\n`;
    return { filename: `${name}-checksums.json`, mediaType: 'application/json', text };
  }

  function experiments({ search, limit, offset }: { search?: string | undefined; limit: number; offset: number }) {
    const { rows, total } = table.experiments(search ?? '', { limit, offset });
    const shown = rows.map(
      ({ name, runs, finished, best_sharpe: bestSharpe, created_at, latest_at }): ExperimentSummary => ({
        name,
        runs,
        finished,
        bestSharpe,
        createdAt: new Date(created_at).toISOString(),
        latestAt: new Date(latest_at).toISOString(),
      }),
    );
    return { experiments: shown, total };
  }

  return { tag, note, archive, remove, metrics, artifacts, checksums, experiments };
}
