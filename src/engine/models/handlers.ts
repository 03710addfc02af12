/** The operations of `contract/models.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { RunService } from '../runs/run-service';
import type { ModelService } from './model-service';

export interface ModelHandlerOptions {
  readonly models: ModelService;
  readonly runs: Pick<RunService, 'find'>;
}

export function createModelHandlers({ models, runs }: ModelHandlerOptions): HandlersOf<'models'> {
  return {
    list: async ({ limit, offset, run }) => models.list(run === undefined ? null : runs.find(run).id, limit, offset),
    show: async ({ model }) => models.show(model),
  };
}
