/** The operations of `contract/models.ts`. */
import { z } from 'zod';
import { whySilent } from '#contract/model-validity';
import { marketForecastSchema } from '#contract/models';
import { runConfigSchema } from '#contract/runs';
import { sessionsBetween } from '#quant/calendar/nyse';
import type { HandlersOf } from '../api/handlers';
import type { DatasetService } from '../datasets/dataset-service';
import type { Queue } from '../jobs/queue';
import type { RunService } from '../runs/run-service';
import type { Inference } from './inference';
import type { ModelService } from './model-service';

export interface ModelHandlerOptions {
  readonly models: ModelService;
  readonly inference: Inference;
  readonly runs: Pick<RunService, 'find'>;
  readonly datasets: Pick<DatasetService, 'find' | 'history'>;
  readonly queue: Pick<Queue, 'runOnce'>;
}

export function createModelHandlers(options: ModelHandlerOptions): HandlersOf<'models'> {
  const { models, inference, runs, datasets, queue } = options;
  return {
    list: async ({ limit, offset, run }) => models.list(run === undefined ? null : runs.find(run).id, limit, offset),
    show: async ({ model }) => models.show(model),
    predict: async ({ model: ref, frame, graph, date, asOf }) => {
      const { model, device, forecasts, refusals, warnings } = await inference.forecast(
        ref,
        frame,
        graph && { rowStart: Uint32Array.from(graph.rowStart), columns: Uint32Array.from(graph.columns) },
      );
      const silence = whySilent(model.manifest, {
        decidedOn: date,
        sinceCutoff: sessionsBetween(model.manifest.trained.cutoff, date),
        behind: sessionsBetween(date, asOf ?? date),
      });
      const predictions = frame.rows.map((row, i) => {
        const reason = silence ?? refusals[i];
        return { row, value: reason === null ? forecasts[i] : null, reason };
      });
      return { model: model.id, name: model.name, device, predictions, warnings: [...warnings] };
    },
    export: async ({ model: ref }, { signal }) => {
      const { model, bytes } = await models.bundle(ref);
      const onnx = z.instanceof(Uint8Array).parse(await queue.runOnce('export-model', { bytes }, { signal }));
      return {
        filename: `${model.name}.onnx`,
        mediaType: 'application/octet-stream' as const,
        encoding: 'base64' as const,
        text: Buffer.from(onnx).toString('base64'),
      };
    },
    forecast: async ({ model: ref, dataset, asOf }, { signal }) => {
      const { model, bytes } = await models.bundle(ref);
      const run = runs.find(model.run);
      const { benchmark } = runConfigSchema.parse(JSON.parse(run.config)).data;
      const input = {
        name: model.name,
        sealed: { bytes, hash: model.hash },
        data: await datasets.history(datasets.find(dataset ?? run.dataset).id),
        benchmark: dataset === undefined ? benchmark : undefined,
        asOf,
      };
      return marketForecastSchema.parse(await queue.runOnce('forecast-market', input, { signal }));
    },
  };
}
