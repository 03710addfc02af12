/** All guards over one run, in order, and the survivorship meter: what `sextant runs audit` computes. Pure. */
import { AppError } from '#base/errors';
import { deriveSeed } from '../array/random';
import { checkExecutionLag } from './execution-lag/guard';
import { checkFutureInvariance } from './future-invariance/guard';
import type { Finding, GuardId, GuardSpec, GuardStatus } from './guard';
import { checkHoldoutSeal, type HoldoutRecord } from './holdout-seal/guard';
import { checkLagStress } from './lag-stress/guard';
import { checkNoiseMarket } from './noise-market/guard';
import { checkPointInTime } from './point-in-time/guard';
import { guardSpecs } from './registry';
import { checkSplitStructure } from './split-structure/guard';
import { measureSurvivorship, type SurvivorshipMeter } from './survivorship';
import type { AuditContext, AuditSubject } from './study';
import { checkTrialCount, type TrialLedger } from './trial-count/guard';

export interface AuditOptions {
  readonly seed: number;
  /** Random cuts of G1, whole-run cuts of G1, cuts of G5. */
  readonly randomCuts: number;
  readonly pipelineCuts: number;
  readonly existenceCuts: number;
  /** At most this many warm-up rows and fold edges in G1; all of them unless told. */
  readonly mostEdges?: number;
  readonly fewestNoiseMarkets: number;
  readonly mostNoiseMarkets: number;
  readonly noiseAssets: number;
  readonly noiseRows: number;
  readonly permutations: number;
}

/** What a full audit does. */
export const FULL_AUDIT: AuditOptions = {
  seed: 20_260_101,
  randomCuts: 50,
  pipelineCuts: 8,
  existenceCuts: 2,
  fewestNoiseMarkets: 12,
  mostNoiseMarkets: 24,
  noiseAssets: 60,
  noiseRows: 756,
  permutations: 3,
};

/** The same guards with fewer cuts and smaller markets, for a first look. */
export const QUICK_AUDIT: AuditOptions = {
  ...FULL_AUDIT,
  randomCuts: 10,
  pipelineCuts: 3,
  existenceCuts: 1,
  mostEdges: 20,
  mostNoiseMarkets: 12,
  noiseAssets: 24,
  noiseRows: 378,
  permutations: 1,
};

export interface AuditRecords {
  readonly ledger: TrialLedger | null;
  readonly holdout: HoldoutRecord | null;
}

export type GuardOutcome = GuardSpec & Finding;

export interface AuditReport {
  /** The worst of the guards: failed, then warning, then passed. */
  readonly status: Exclude<GuardStatus, 'not-run'>;
  readonly guards: readonly GuardOutcome[];
  readonly survivorship: SurvivorshipMeter | null;
}

/** Errors: those of the experiment itself where it does not run at all; CANCELLED. */
export async function runAudit(
  subject: AuditSubject,
  records: AuditRecords,
  options: AuditOptions,
  context: AuditContext,
): Promise<AuditReport> {
  const { config, data } = subject;
  const study = subject.study(config);
  context.emit({ stage: 'baseline', detail: '', step: 0, of: 1 });
  const base = await study.trace(data);
  if (base.stopped !== null) throw new AppError('CONFLICT', `Expected a run that works, found: ${base.stopped}`);
  const { seed } = options;
  const invariance = { ...options, seed: deriveSeed(seed, 'G1') };
  const noise = {
    fewestSeeds: options.fewestNoiseMarkets,
    mostSeeds: options.mostNoiseMarkets,
    assets: options.noiseAssets,
    rowsTested: options.noiseRows,
    permutations: options.permutations,
    seed: deriveSeed(seed, 'G2'),
  };
  const existence = { cuts: options.existenceCuts, seed: deriveSeed(seed, 'G5') };
  const findings: Record<GuardId, () => Finding | Promise<Finding>> = {
    G1: () => checkFutureInvariance(subject, base, invariance, context),
    G2: () => checkNoiseMarket(subject, base, noise, context),
    G3: () => checkSplitStructure(subject, study, base),
    G4: () => checkExecutionLag(subject, base, deriveSeed(seed, 'G4')),
    G5: () => checkPointInTime(subject, base, existence, context),
    G6: () => checkLagStress(subject, base, context),
    G7: () => checkTrialCount(base.strategies[0].net, records.ledger),
    G8: () => checkHoldoutSeal(subject, records.holdout, context),
  };
  const guards: GuardOutcome[] = [];
  for (const spec of guardSpecs) {
    await context.breathe();
    guards.push({ ...spec, ...(await findings[spec.id]()) });
  }
  return { status: worst(guards), guards, survivorship: await measureSurvivorship(subject, context) };
}

function worst(guards: readonly GuardOutcome[]): AuditReport['status'] {
  if (guards.some(({ status }) => status === 'failed')) return 'failed';
  return guards.some(({ status }) => status === 'warning') ? 'warning' : 'passed';
}
