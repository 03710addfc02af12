/** The catalog: every model, optimizer and feature that can be named in a configuration, with its parameters as JSON Schema. */
import { z } from 'zod';
import { operation } from './operation';

export const catalogEntrySchema = z
  .object({
    id: z.string(),
    title: z.string(),
    summary: z.string(),
    references: z.array(z.string()),
    parameters: z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema with defaults, titles and units.' }),
    needsForecast: z.boolean().optional(),
  })
  .meta({ id: 'CatalogEntry' });

export const catalog = {
  show: operation({
    method: 'GET',
    path: '/catalog',
    summary: 'Models, optimizers and features with their parameters',
    input: z.strictObject({}),
    output: z.object({
      models: z.array(catalogEntrySchema),
      optimizers: z.array(catalogEntrySchema),
      features: z.array(catalogEntrySchema),
    }),
  }),
};
