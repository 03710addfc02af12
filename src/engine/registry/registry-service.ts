/**
 * The registry: versions are added and never changed, aliases move one at a time, each move in one transaction with its event.
 * Who becomes champion is decided in `promotion.ts`; rollback needs no gate, because what it restores was champion before.
 */
import { z } from 'zod';
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import {
  gateSchema,
  modelCardSchema,
  promotionPolicySchema,
  type PromotionPolicy,
  type RegistryVersion,
  type VersionSummary,
} from '#contract/registry';
import { runSummarySchema } from '#contract/runs';
import type { Host } from '../host';
import type { RunService } from '../runs/run-service';
import { inTransaction, type Database } from '../store/database';
import type { ObjectStore } from '../store/object-store';
import { createUlid } from '../store/ulid';
import type { Publish } from '../topics/outbox';
import { modelCard } from './model-card';
import type { RegistryTable, VersionRow } from './registry-table';

export const CHAMPION = 'champion';
const CHALLENGER = 'challenger';

export interface RegistryServiceOptions {
  readonly database: Database;
  readonly table: RegistryTable;
  readonly objects: ObjectStore;
  readonly runs: RunService;
  readonly host: Pick<Host, 'now'>;
  readonly publish: Publish;
}

const aliasList = z.array(z.string());
const actionField = z.enum(['registered', 'promoted', 'rolled-back', 'alias-set', 'alias-removed']);
const leakageField = z.enum(['passed', 'failed', 'warning', 'none']);
const instant = (at: number): string => new Date(at).toISOString();

export const labelOf = ({ name, version }: Pick<VersionRow, 'name' | 'version'>): string => `${name}@${version}`;

export function toVersionSummary(row: VersionRow): VersionSummary {
  const aliases = aliasList.parse(JSON.parse(row.aliases)).sort();
  const gate = row.gate === null ? null : gateSchema.parse(JSON.parse(row.gate));
  const headline = row.headline === null ? null : runSummarySchema.shape.headline.parse(JSON.parse(row.headline));
  return {
    id: row.id,
    name: row.name,
    version: row.version,
    label: labelOf(row),
    run: row.run,
    runName: row.run_name,
    createdAt: instant(row.created_at),
    aliases,
    stage: aliases.includes(CHAMPION)
      ? 'Production'
      : aliases.includes(CHALLENGER)
        ? 'Staging'
        : row.was_champion === 1
          ? 'Archived'
          : 'None',
    artifact: { sha256: row.artifact, bytes: row.bytes },
    sharpe: headline?.sharpe ?? { value: null, reason: 'The run has no headline.' },
    leakage: leakageField.parse(row.leakage ?? 'none'),
    gate: gate === null ? null : { at: gate.at, passed: gate.passed, decision: gate.decision },
  };
}

export function createRegistryService({ database, table, objects, runs, host, publish }: RegistryServiceOptions) {
  /** An identifier, `name@3`, `name@alias`, or a name: its champion, else its newest version. Errors: NOT_FOUND. */
  function find(ref: string): VersionRow {
    const at = ref.lastIndexOf('@');
    const [name, wish] = at < 0 ? [ref, ''] : [ref.slice(0, at), ref.slice(at + 1)];
    const found =
      at < 0
        ? (table.byId(ref) ?? table.byAlias(name, CHAMPION) ?? table.newest(name))
        : /^\d{1,9}$/.test(wish)
          ? table.byNumber(name, Number(wish))
          : table.byAlias(name, wish);
    if (found !== undefined) return found;
    throw new AppError(
      'NOT_FOUND',
      `Expected a registered version "${ref}", found none. List them with: sextant registry list.`,
    );
  }

  const labelOfId = (id: string | null): string | null => {
    const row = id === null ? undefined : table.byId(id);
    return row === undefined ? null : labelOf(row);
  };

  /** What was champion before this version became it; null where it was the first, or was never champion. */
  function predecessor(id: string): VersionRow | null {
    const before = table.promotionOf(id)?.from_version;
    return before === null || before === undefined ? null : (table.byId(before) ?? null);
  }

  function show(ref: string): RegistryVersion {
    const row = find(ref);
    const champion = table.byAlias(row.name, CHAMPION);
    const before = champion === undefined ? null : predecessor(champion.id);
    return {
      ...toVersionSummary(row),
      card: modelCardSchema.parse(JSON.parse(row.card)),
      lastGate: row.gate === null ? null : gateSchema.parse(JSON.parse(row.gate)),
      history: table.events(row.name).map(({ at, actor, action, alias, from_version, to_version, reason }) => ({
        at: instant(at),
        actor,
        action: actionField.parse(action),
        alias,
        from: labelOfId(from_version),
        to: labelOfId(to_version),
        reason,
      })),
      rollbackTo: before === null ? null : labelOf(before),
    };
  }

  function list({
    name,
    stage,
    limit,
    offset,
  }: {
    name?: string | undefined;
    stage?: string | undefined;
    limit: number;
    offset: number;
  }) {
    const versions = table
      .all(name ?? null)
      .map(toVersionSummary)
      .filter((version) => stage === undefined || version.stage === stage);
    return { versions: versions.slice(offset, offset + limit), total: versions.length };
  }

  /** Errors: NOT_FOUND; CONFLICT where the run has not finished or is registered under this name already. */
  function register(
    { run: ref, universe }: { run: string; universe?: string | undefined },
    actor: string,
  ): RegistryVersion {
    const run = runs.show(ref);
    const { resultHash } = run.provenance;
    if (run.status !== 'succeeded' || resultHash === null) {
      throw new AppError(
        'CONFLICT',
        `Expected a finished run, found ${run.name} ${run.status}. Register it when it has succeeded.`,
      );
    }
    const { model } = run.config;
    const subject = universe ?? run.dataset.name.replaceAll('-', '_');
    const name = `${subject}-return${model.horizon}d-${model.forecast?.id ?? model.optimizer.id}`;
    const stored = runs.tracking.artifacts(run.id).artifacts.find(({ sha256 }) => sha256 === resultHash);
    return inTransaction(database, () => {
      const known = table.ofRun(name, run.id);
      if (known !== undefined) {
        throw new AppError(
          'CONFLICT',
          `Expected a run that is not registered as ${name} yet, found it as ${labelOf(known)}.`,
        );
      }
      const now = host.now();
      const id = createUlid(now);
      const version = (table.newest(name)?.version ?? 0) + 1;
      table.insert({
        id,
        name,
        version,
        run: run.id,
        created_at: now,
        artifact: resultHash,
        bytes: stored?.bytes ?? 0,
        card: canonicalJson(modelCard(run)),
      });
      record({ actor, name, action: 'registered', alias: null, from: null, to: id, reason: '' });
      return show(id);
    });
  }

  function record(event: {
    actor: string;
    name: string;
    action: z.infer<typeof actionField>;
    alias: string | null;
    from: string | null;
    to: string | null;
    reason: string;
  }): void {
    const { from, to, ...rest } = event;
    table.insertEvent({ ...rest, at: host.now(), from_version: from, to_version: to });
  }

  /** Moves the champion inside the caller's transaction. */
  function crown(row: VersionRow, action: 'promoted' | 'rolled-back', reason: string, actor: string): void {
    const before = table.byAlias(row.name, CHAMPION);
    table.setAlias(row.name, CHAMPION, row.id);
    if (table.byAlias(row.name, CHALLENGER)?.id === row.id) table.dropAlias(row.name, CHALLENGER);
    record({ actor, name: row.name, action, alias: CHAMPION, from: before?.id ?? null, to: row.id, reason });
    publish('model.promoted', {
      version: row.id,
      label: labelOf(row),
      run: row.run,
      previous: before === undefined ? null : labelOf(before),
      action,
      reason,
      actor,
    });
  }

  /** Errors: NOT_FOUND; CONFLICT where no earlier champion exists; WORKSPACE_DAMAGED where its artifact cannot be read back. */
  async function rollback(ref: string, reason: string, actor: string): Promise<RegistryVersion> {
    const { name } = find(ref);
    const target = (): VersionRow => {
      const champion = table.byAlias(name, CHAMPION);
      const before = champion === undefined ? null : predecessor(champion.id);
      if (before !== null) return before;
      const found = champion === undefined ? 'no champion' : `${labelOf(champion)}, the first one`;
      throw new AppError(
        'CONFLICT',
        `Expected a champion of ${name} that replaced another, found ${found}. There is nothing to go back to.`,
      );
    };
    const chosen = target();
    await objects.getObject(chosen.artifact);
    return inTransaction(database, () => {
      if (target().id !== chosen.id) {
        throw new AppError(
          'CONFLICT',
          `Expected ${name} to stay as it was, found another champion meanwhile. Look again.`,
        );
      }
      crown(chosen, 'rolled-back', reason, actor);
      return show(chosen.id);
    });
  }

  function alias(
    { version, alias: wanted, remove }: { version: string; alias: string; remove: boolean },
    actor: string,
  ): RegistryVersion {
    const row = find(version);
    if (wanted === CHAMPION) {
      throw new AppError(
        'BAD_REQUEST',
        `Expected another alias than ${CHAMPION}, which is decided by: sextant registry promote ${labelOf(row)}.`,
      );
    }
    return inTransaction(database, () => {
      const before = table.byAlias(row.name, wanted);
      if (remove && before?.id !== row.id) {
        throw new AppError(
          'NOT_FOUND',
          `Expected ${labelOf(row)} to have the alias ${wanted}, found it ${before === undefined ? 'on no version' : `on ${labelOf(before)}`}.`,
        );
      }
      if (remove) table.dropAlias(row.name, wanted);
      else table.setAlias(row.name, wanted, row.id);
      record({
        actor,
        name: row.name,
        action: remove ? 'alias-removed' : 'alias-set',
        alias: wanted,
        from: before?.id ?? null,
        to: remove ? null : row.id,
        reason: '',
      });
      return show(row.id);
    });
  }

  async function verify(ref: string) {
    const row = find(ref);
    const { artifacts } = runs.tracking.artifacts(row.run);
    const checked = [];
    for (const { name, sha256 } of artifacts) {
      const problem = await objects.getObject(sha256).then(
        () => null,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      checked.push({ name, sha256, problem });
    }
    if (!artifacts.some(({ sha256 }) => sha256 === row.artifact)) {
      checked.push({ name: 'registered artifact', sha256: row.artifact, problem: 'The run no longer names it.' });
    }
    return {
      id: row.id,
      label: labelOf(row),
      intact: checked.every(({ problem }) => problem === null),
      artifacts: checked,
    };
  }

  function compare(refs: readonly string[]) {
    const versions = refs.map(show);
    const tables = versions.map(
      ({ card, lastGate, ...version }) =>
        new Map([
          ...card.facts.map(({ section, name, value }) => [`${section} · ${name}`, value] as const),
          ['Registry · stage', version.stage] as const,
          ['Registry · leakage audit', version.leakage] as const,
          ...(lastGate?.checks ?? []).map(
            ({ title, status }) => [`Gate · ${title.replace(/^Better than .*/, 'Better')}`, status] as const,
          ),
        ]),
    );
    const names = [...new Set(tables.flatMap((facts) => [...facts.keys()]))];
    return {
      versions: versions.map(({ id, label }) => ({ id, label })),
      facts: names
        .map((name) => ({ name, values: tables.map((facts) => facts.get(name) ?? '–') }))
        .filter(({ values }) => new Set(values).size > 1),
    };
  }

  const policy = (): PromotionPolicy => promotionPolicySchema.parse(JSON.parse(table.policy()));

  function configure(next: PromotionPolicy): PromotionPolicy {
    inTransaction(database, () => table.setPolicy(canonicalJson(next), host.now()));
    return policy();
  }

  return { find, show, list, register, crown, rollback, alias, verify, compare, policy, configure };
}
export type RegistryService = ReturnType<typeof createRegistryService>;
