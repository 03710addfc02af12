/** The operations of `contract/registry.ts`. */
import type { HandlersOf } from '../api/handlers';
import type { Promotion } from './promotion';
import type { RegistryService } from './registry-service';

export interface RegistryHandlerOptions {
  readonly registry: RegistryService;
  readonly promotion: Pick<Promotion, 'request'>;
  /** Told of every version that changed. */
  onChange(version: string): void;
}

export function createRegistryHandlers({
  registry,
  promotion,
  onChange,
}: RegistryHandlerOptions): HandlersOf<'registry'> {
  const changed = <Answer extends { readonly id: string }>(answer: Answer): Answer => {
    onChange(answer.id);
    return answer;
  };
  return {
    list: async (input) => registry.list(input),
    show: async ({ version }) => registry.show(version),
    register: async (input, { actor }) => changed(registry.register(input, actor)),
    promote: async (input, { actor }) => promotion.request(input, actor),
    rollback: async ({ version, reason }, { actor }) => changed(await registry.rollback(version, reason, actor)),
    alias: async (input, { actor }) => changed(registry.alias(input, actor)),
    compare: async ({ versions }) => registry.compare(versions),
    verify: async ({ version }) => registry.verify(version),
    policy: async () => registry.policy(),
    configure: async (policy) => registry.configure(policy),
  };
}
