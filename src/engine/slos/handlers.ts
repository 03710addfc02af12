/** The operations of `contract/slos.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { SloService } from './slo-service';

export function createSloHandlers(slos: SloService): HandlersOf<'slos'> {
  return {
    list: async () => ({ windowDays: slos.config().windowDays, slos: slos.list(), config: slos.config() }),
    configure: async ({ config }) => slos.configure(config),
  };
}
