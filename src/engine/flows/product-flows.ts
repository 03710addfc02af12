/** The flows of the product, in the order in which a month uses them. */
import type { AnyFlow } from './flow';
import type { FlowServices } from './flow-services';
import { ingestFlow } from './definitions/ingest';
import { evaluateFlow, paperTradeFlow } from './definitions/paper';
import { featureBuildFlow, modelTrainFlow, rebalanceFlow } from './definitions/research';
import { backupFlow, probeFlow, retentionFlow } from './definitions/upkeep';

export function productFlows(services: FlowServices): readonly AnyFlow[] {
  const flows = [
    ingestFlow(services),
    featureBuildFlow(services),
    modelTrainFlow(services),
    rebalanceFlow(services),
    paperTradeFlow(services),
    evaluateFlow(services),
    retentionFlow(services),
    backupFlow(services),
    probeFlow(services),
  ];
  return flows as readonly unknown[] as readonly AnyFlow[]; // each parses its own parameters before its steps see them
}
