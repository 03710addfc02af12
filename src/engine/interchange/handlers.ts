/** The operations of `contract/interchange.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { Interchange } from './interchange-service';

export interface InterchangeHandlerOptions {
  readonly interchange: Interchange;
  /** Told of every run that came in. */
  onImport(run: string): void;
}

export function createInterchangeHandlers({
  interchange,
  onImport,
}: InterchangeHandlerOptions): HandlersOf<'interchange'> {
  return {
    export: async (input) => interchange.exportRun(input),
    import: async ({ from }, { actor }) => {
      const imported = await interchange.importRun(from, actor);
      onImport(imported.run);
      return imported;
    },
    log: async (input) => interchange.log(input),
  };
}
