/** The five service levels: where their promise stands in the configuration, and how it reads. */
import { ERROR_CODES } from '#base/errors';
import { findOperation } from '#contract/derive/operations';
import type { SloConfig, SloName } from '#contract/slos';
import type { MeteredCall } from '../metrics/call-metrics';

export interface Objective {
  readonly target: number;
  readonly leastEvents: number;
  readonly title: string;
  /** The promise, for "99.5 % of … within 30 days". */
  readonly promise: string;
}

export function objectiveOf(slo: SloName, config: SloConfig): Objective {
  switch (slo) {
    case 'availability':
      return { ...config.availability, title: 'Availability', promise: 'calls do not fail for a reason of the host' };
    case 'read-latency':
      return {
        ...config.readLatency,
        title: 'Latency of reads',
        promise: `reads are answered within ${config.readLatency.withinMs} ms`,
      };
    case 'inference-latency':
      return {
        ...config.inferenceLatency,
        title: 'Latency of inference',
        promise: `predictions are answered within ${config.inferenceLatency.withinMs} ms`,
      };
    case 'rebalance-on-time':
      return {
        ...config.rebalance,
        title: 'Rebalance on time',
        promise: `scheduled rebalances succeed within ${config.rebalance.withinMinutes} minutes of their due time`,
      };
    case 'data-freshness':
      return {
        ...config.dataFreshness,
        title: 'Fresh data',
        promise: `looks find scheduled data at most ${config.dataFreshness.withinSessions} sessions behind`,
      };
  }
}

/** Reads that work hard because they were asked to: they measure, replay or compute, and promise no time. */
const HARD_READS: ReadonlySet<string> = new Set([
  'system.devices',
  'system.metrics',
  'system.health',
  'audit.verify',
  'backups.verify',
  'models.forecast',
  'models.export',
  'reports.preview',
  'datasets.preview',
  'datasets.diff',
  'runs.plan',
  'runs.luck',
  'runs.compare',
  'registry.verify',
]);
const INFERENCE = 'models.predict';

/** What a call says about which service level; most calls say something about several. */
export function verdictsOf(
  { operation, code, seconds }: MeteredCall,
  config: SloConfig,
): readonly (readonly [SloName, boolean])[] {
  const status = code === 'OK' ? 200 : ERROR_CODES[code].status;
  const verdicts: [SloName, boolean][] = [['availability', status < 500]];
  if (code !== 'OK') return verdicts;
  const [noun, name] = operation.split('.');
  const known = findOperation(noun, name);
  if (operation === INFERENCE) verdicts.push(['inference-latency', seconds * 1000 <= config.inferenceLatency.withinMs]);
  else if (known?.kind === 'call' && known.method === 'GET' && known.scope === 'read' && !HARD_READS.has(operation)) {
    verdicts.push(['read-latency', seconds * 1000 <= config.readLatency.withinMs]);
  }
  return verdicts;
}
