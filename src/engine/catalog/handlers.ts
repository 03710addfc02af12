/** The operations of `contract/catalog.ts`: what the registries of the science hold, as data. */
import { z } from 'zod';
import { features } from '#quant/features/registry';
import { modelSpecs } from '#quant/models/registry';
import { optimizerSpecs } from '#quant/optimizers/registry';
import type { Spec } from '#quant/spec';
import type { HandlersOf } from '../api/handlers';

function entry({ id, title, summary, references, params }: Spec) {
  return { id, title, summary, references: [...references], parameters: z.toJSONSchema(params, { io: 'input' }) };
}

export function createCatalogHandlers(): HandlersOf<'catalog'> {
  return {
    show: async () => ({
      models: modelSpecs.map(entry),
      optimizers: optimizerSpecs.map((spec) => ({ ...entry(spec), needsForecast: spec.needsForecast })),
      features: features.map((feature) => entry(feature.spec)),
    }),
  };
}
