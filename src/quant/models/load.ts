/** Loads the implementation of a registered model when it is needed. */
import { AppError } from '#base/errors';
import type { Model, ModelSpec } from './model';
import { findModelSpec, modelSpecs } from './registry';

const implementations = import.meta.glob<{ model: Model }>('./*/model.ts');

/** Errors: NOT_FOUND listing the models that exist. */
export async function loadModel(id: string): Promise<{ readonly spec: ModelSpec; readonly model: Model }> {
  const spec = findModelSpec(id);
  const implementation = spec && implementations[`./${id}/model.ts`];
  if (spec === undefined || implementation === undefined) {
    const known = modelSpecs.map((candidate) => candidate.id).join(', ');
    throw new AppError('NOT_FOUND', `Expected a forecasting model (${known}), found "${id}".`, { data: { id } });
  }
  const { model } = await implementation();
  return { spec, model };
}
