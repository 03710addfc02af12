/** The operations of `contract/flows.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { FlowEngine } from './flow-engine';
import type { FlowService } from './flow-service';

export interface FlowHandlerOptions {
  readonly flows: FlowService;
  readonly engine: Pick<FlowEngine, 'start' | 'cancel'>;
}

export function createFlowHandlers({ flows, engine }: FlowHandlerOptions): HandlersOf<'flows'> {
  return {
    list: async () => ({ flows: flows.definitions() }),
    start: async (request) => flows.summary(engine.start(request)),
    runs: async (filter) => flows.list(filter),
    show: async ({ flowRun }) => flows.show(flowRun),
    logs: async ({ flowRun, after, step }) => ({ lines: flows.lines(flowRun, after, step) }),
    cancel: async ({ flowRun }) => {
      engine.cancel(flowRun);
      return flows.summary(flowRun);
    },
  };
}
