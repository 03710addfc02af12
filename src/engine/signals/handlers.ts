/** The operations of `contract/signals.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { SignalService } from './signal-service';

export function createSignalHandlers(signals: SignalService): HandlersOf<'signals'> {
  return {
    sources: async () => ({ sources: signals.sources() }),
    create: async (input, { actor }) => signals.create(input, actor),
    rotate: async ({ source }, { actor }) => signals.rotate(source, actor),
    disable: async ({ source }, { actor }) => signals.disable(source, actor),
    enable: async ({ source }, { actor }) => signals.enable(source, actor),
    remove: async ({ source }, { actor }) => ({ removed: signals.remove(source, actor) }),
    list: async ({ day, limit, offset }) => signals.list(day, limit, offset),
    export: async ({ day }) => ({
      filename: `signals-${day}.jsonl`,
      mediaType: 'application/jsonl',
      text: signals.record(day),
    }),
  };
}
