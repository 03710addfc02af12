/** Loads the implementation of a registered model when it is needed. */
import { AppError } from '#base/errors';
import type { Model, ModelSpec } from './model';
import type { PanelModel } from './panel-model';
import { findModelSpec, modelSpecs } from './registry';

const implementations = import.meta.glob<{ model: Model | PanelModel }>('./*/model.ts');

export interface LoadedModel {
  readonly spec: ModelSpec;
  /** Fitted on pooled rows, or on the panel itself. */
  readonly model: Model | PanelModel;
}

/** Errors: NOT_FOUND listing the models that exist. */
export async function loadModel(id: string): Promise<LoadedModel> {
  const spec = findModelSpec(id);
  const implementation = spec && implementations[`./${id}/model.ts`];
  if (spec === undefined || implementation === undefined) {
    const known = modelSpecs.map((candidate) => candidate.id).join(', ');
    throw new AppError('NOT_FOUND', `Expected a forecasting model (${known}), found "${id}".`, { data: { id } });
  }
  const { model } = await implementation();
  return { spec, model };
}
