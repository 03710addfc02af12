/** Health: what Sextant is made of, part by part, with since when, why, and what to do. */
import { z } from 'zod';
import { instantField } from './fields';

/** `degraded`: it works, and somebody should look. `failing`: something that is asked of it is not done. */
export const healthStateSchema = z.enum(['ok', 'degraded', 'failing']);
export type HealthState = z.infer<typeof healthStateSchema>;

export const HEALTH_COMPONENTS = {
  store: 'Store',
  key: 'Workspace key',
  disk: 'Disk space',
  queue: 'Queue',
  clock: 'Clock',
  schedules: 'Schedules',
  backups: 'Backups',
  data: 'Data',
  slos: 'Service levels',
} as const;
export type HealthComponent = keyof typeof HEALTH_COMPONENTS;
const components = Object.keys(HEALTH_COMPONENTS) as [HealthComponent, ...HealthComponent[]]; // Object.keys loses the names
export const healthComponentSchema = z.enum(components);

export const componentHealthSchema = z
  .object({
    component: healthComponentSchema,
    title: z.string(),
    state: healthStateSchema,
    since: instantField.meta({ description: 'When it was first seen in this state, since the host started.' }),
    detail: z.string().meta({ description: 'What was found.' }),
    /** What to do; null where nothing has to be done. */
    action: z.string().nullable(),
  })
  .meta({ id: 'ComponentHealth' });
export type ComponentHealth = z.infer<typeof componentHealthSchema>;

export const healthSchema = z
  .object({
    /** The worst of the components. */
    status: healthStateSchema,
    store: z.enum(['ok', 'failed']),
    runningJobs: z.number().int(),
    components: z.array(componentHealthSchema),
  })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof healthSchema>;
