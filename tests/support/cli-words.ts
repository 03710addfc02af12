/** The words of a command line for an input: the way back of what the command line derives. */
import { fieldsOf } from '#contract/derive/fields';
import type { OperationInfo } from '#contract/derive/operations';

export function cliWords(operation: OperationInfo, input: Readonly<Record<string, unknown>>): string[] {
  const flags: string[] = [];
  const positions = new Map<string, string[]>();
  for (const field of fieldsOf(operation.input)) {
    const value = field.path.reduce<unknown>((current, step) => Reflect.get(Object(current), step), input);
    if (
      value === undefined ||
      (typeof value === 'object' && value !== null && field.kind !== 'list' && field.kind !== 'json')
    ) {
      continue;
    }
    const texts = (Array.isArray(value) && field.kind === 'list' ? value : [value]).map((item: unknown) =>
      field.kind === 'json' ? JSON.stringify(item) : String(item),
    );
    if (operation.positional.includes(field.name)) positions.set(field.name, texts);
    else for (const text of texts) flags.push(`--${field.name}=${text}`);
  }
  const words = operation.positional.flatMap((name) => positions.get(name) ?? []);
  return [operation.noun, operation.name, ...flags, '--', ...words];
}
