/** The operations of `contract/models.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { RunService } from '../runs/run-service';
import type { Inference } from './inference';
import type { ModelService } from './model-service';
import { noSignalReason } from './signal';

export interface ModelHandlerOptions {
  readonly models: ModelService;
  readonly inference: Inference;
  readonly runs: Pick<RunService, 'find'>;
}

export function createModelHandlers({ models, inference, runs }: ModelHandlerOptions): HandlersOf<'models'> {
  return {
    list: async ({ limit, offset, run }) => models.list(run === undefined ? null : runs.find(run).id, limit, offset),
    show: async ({ model }) => models.show(model),
    predict: async ({ model: ref, frame, graph, date, asOf }) => {
      const { model, device, forecasts, refusals, warnings } = await inference.forecast(ref, frame, graph);
      const silence = noSignalReason(model.manifest, date, asOf);
      const predictions = frame.rows.map((row, i) => {
        const reason = silence ?? refusals[i];
        return { row, value: reason === null ? forecasts[i] : null, reason };
      });
      return { model: model.id, name: model.name, device, predictions, warnings: [...warnings] };
    },
  };
}
