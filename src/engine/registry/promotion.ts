/**
 * Promotions: what is on record is frozen when one is asked for, a worker computes the checks, and the decision is made in the transaction
 * that ends the job. The champion it was tested against must still be champion then, so that of two promotions at once exactly one wins.
 */
import { z } from 'zod';
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import { gateCheckSchema, promotionPolicySchema, type GateCheck, type PromotionGate } from '#contract/registry';
import { provenanceSchema } from '#contract/runs';
import type { DatasetService } from '../datasets/dataset-service';
import type { Host } from '../host';
import type { JobRequest } from '../jobs/queue';
import type { Runner } from '../jobs/runner';
import { decodeSeries } from '../runs/run-documents';
import type { RunService } from '../runs/run-service';
import type { JobRow } from '../store/jobs-table';
import type { RegistryTable } from './registry-table';
import { CHAMPION, labelOf, type RegistryService } from './registry-service';

export interface PromotionOptions {
  readonly table: RegistryTable;
  readonly registry: RegistryService;
  readonly runs: RunService;
  readonly datasets: DatasetService;
  enqueue(request: JobRequest): string;
  readonly host: Pick<Host, 'now'>;
  /** Next portfolio of a run: its golden rows. */
  portfolioOf(
    run: string,
  ): readonly { readonly asset: string; readonly weight: number; readonly forecast: number | null }[];
}

const payloadSchema = z.strictObject({
  version: z.string(),
  /** Champion when the promotion was asked for. */
  champion: z.string().nullable(),
  policy: promotionPolicySchema,
  override: z.string().nullable(),
  actor: z.string(),
});

const answerSchema = z.object({ checks: z.array(gateCheckSchema) });

/** Rows that are replayed, and runs whose strategies make up the family. */
const MOST_GOLDEN = 32;
const MOST_FAMILY_RUNS = 200;

export function createPromotion({ table, registry, runs, datasets, enqueue, host, portfolioOf }: PromotionOptions) {
  function request({ version, override }: { version: string; override?: string | undefined }, actor: string) {
    const row = registry.find(version);
    const champion = table.byAlias(row.name, CHAMPION);
    if (champion?.id === row.id) {
      throw new AppError('CONFLICT', `Expected a version that is not champion yet, found ${labelOf(row)}, which is.`);
    }
    const payload: z.infer<typeof payloadSchema> = {
      version: row.id,
      champion: champion?.id ?? null,
      policy: registry.policy(),
      override: override ?? null,
      actor,
    };
    const job = enqueue({ kind: 'promotion', subject: row.id, title: `Promotion of ${labelOf(row)}`, payload });
    return { version: row.id, job };
  }

  async function curvesOf(run: string) {
    const { dates, strategies } = decodeSeries(await runs.resultBytes(run));
    return strategies.map(({ name, role, equity }) => ({ name, role, dates, equity: Float64Array.from(equity) }));
  }

  /** Every strategy that was tried on the same data, once each; the baseline and the index were not tried, they are the yardsticks. */
  async function familyOf(datasetHash: string) {
    const family = [];
    for (const run of table.triedOn(datasetHash, MOST_FAMILY_RUNS)) {
      family.push(...(await curvesOf(run)).filter(({ role }) => role === 'primary' || role === 'compare'));
    }
    return family;
  }

  async function prepare(job: JobRow) {
    const { version, champion, policy } = payloadSchema.parse(job.payload);
    const row = registry.find(version);
    const run = runs.show(row.run);
    const own = await curvesOf(row.run);
    const primary = own.find(({ role }) => role === 'primary');
    const championRow = champion === null ? null : registry.find(champion);
    const rival = championRow === null ? own : await curvesOf(championRow.run);
    const reference = rival.find(({ role }) => role === (championRow === null ? 'baseline' : 'primary'));
    if (primary === undefined || reference === undefined) {
      throw new AppError(
        'INVALID_DATA',
        `Expected the stored series of ${labelOf(row)} and its reference, found none. Run it again.`,
      );
    }
    const ics = run.folds.map(({ metrics }) => metrics['rank_ic']).filter((ic) => typeof ic === 'number');
    const metrics = run.strategies.find(({ role }) => role === 'primary')?.metrics ?? {};
    return {
      name: 'promotion-gate' as const,
      input: {
        config: run.config,
        golden: portfolioOf(row.run).slice(0, MOST_GOLDEN),
        stored: {
          sharpe: metrics['sharpe']?.value ?? null,
          rankIc: ics.length === 0 ? null : ics.reduce((sum, ic) => sum + ic, 0) / ics.length,
        },
        candidate: { ...primary, name: labelOf(row) },
        reference: { ...reference, name: championRow === null ? reference.name : labelOf(championRow) },
        role: championRow === null ? 'equal weight, as there is no champion' : `the champion ${labelOf(championRow)}`,
        family: await familyOf(run.provenance.datasetHash),
        policy,
        ...(await datasets.history(run.dataset.id)),
      },
    };
  }

  /** What is known without computing: the artifact, its provenance, and the newest leakage audit. */
  async function recordedChecks(version: string): Promise<GateCheck[]> {
    const { artifacts, intact } = await registry.verify(version);
    const run = runs.show(registry.find(version).run);
    const missing = Object.entries(provenanceSchema.parse(run.provenance)).filter(
      ([name, value]) => value === null && name !== 'rerunOf',
    );
    const complete = intact && missing.length === 0;
    const found = run.leakage?.status ?? null;
    const failed = run.leakage?.guards.filter(({ status }) => status === 'failed') ?? [];
    return [
      {
        id: 'artifact',
        title: 'Artifacts intact, provenance complete',
        rule: 'Every artifact is read back and has its registered hash; every fact of the provenance is known.',
        status: complete ? 'passed' : intact ? 'warning' : 'failed',
        summary: !intact
          ? artifacts.flatMap(({ name, problem }) => (problem === null ? [] : [`${name}: ${problem}`])).join(' ')
          : missing.length === 0
            ? `${artifacts.length} artifacts read back.`
            : `Not known: ${missing.map(([name]) => name).join(', ')}.`,
        figures: [{ name: 'artifacts', value: artifacts.length, unit: '' }],
      },
      {
        id: 'leakage',
        title: 'Leakage audit',
        rule: 'The newest leakage audit of the run has no failed guard.',
        status: found ?? 'failed',
        summary:
          found === null
            ? `No audit was run. Run one: sextant runs audit ${run.id}.`
            : failed.length > 0
              ? failed.map(({ id, summary }) => `${id}: ${summary}`).join(' ')
              : `The audit of ${run.leakage?.auditedAt.slice(0, 10)} has no failed guard.`,
        figures: [],
      },
    ];
  }

  function decide(checks: readonly GateCheck[], override: string | null, isCurrent: boolean) {
    const failed = checks.filter(({ status }) => status === 'failed');
    const passed = failed.length === 0;
    const named = failed.map(({ title }) => title.toLowerCase()).join(', ');
    if (!isCurrent) {
      return {
        passed,
        decision: 'superseded' as const,
        verdict: 'Another version became champion meanwhile. Ask again to be tested against it.',
      };
    }
    if (passed) return { passed, decision: 'promoted' as const, verdict: 'Every check held; it is champion now.' };
    if (override !== null) {
      return {
        passed,
        decision: 'promoted-with-override' as const,
        verdict: `Promoted by override although these failed: ${named}.`,
      };
    }
    return { passed, decision: 'refused' as const, verdict: `Not promoted. Failed: ${named}.` };
  }

  async function complete(job: JobRow, answer: unknown): Promise<() => void> {
    const { version, champion, policy, override, actor } = payloadSchema.parse(job.payload);
    const checks = [...(await recordedChecks(version)), ...answerSchema.parse(answer).checks];
    return () => {
      const row = registry.find(version);
      const current = table.byAlias(row.name, CHAMPION);
      const outcome = decide(checks, override, (current?.id ?? null) === champion);
      const now = host.now();
      const gate: PromotionGate = {
        job: job.id,
        at: new Date(now).toISOString(),
        champion: current === undefined ? null : { id: current.id, label: labelOf(current) },
        policy,
        checks,
        override,
        ...outcome,
      };
      table.insertGate(job.id, version, now, canonicalJson(gate));
      if (gate.decision === 'promoted' || gate.decision === 'promoted-with-override') {
        registry.crown(row, 'promoted', override ?? gate.verdict, actor);
      }
    };
  }

  const runner: Runner = { resource: 'cpu', prepare, complete };
  return { request, runner };
}
export type Promotion = ReturnType<typeof createPromotion>;
