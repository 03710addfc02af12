/** Flags that only the command line has, in the same terms as the fields of the contract. */
import type { Field, FieldKind } from '#contract/derive/fields';

export interface LocalFieldOptions {
  readonly kind?: FieldKind;
  readonly default?: unknown;
}

/** A text flag unless another kind is named; lists hold text. */
export function localField(name: string, title: string, options: LocalFieldOptions = {}): Field {
  const kind = options.kind ?? 'text';
  return {
    path: [name],
    name,
    kind,
    item: kind === 'list' ? 'text' : undefined,
    scalarAllowed: false,
    choices: [],
    required: false,
    nullable: false,
    title,
    description: undefined,
    unit: undefined,
    default: options.default,
    minimum: undefined,
    maximum: undefined,
    examples: [],
  };
}
