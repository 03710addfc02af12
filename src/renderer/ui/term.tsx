/** A word of the field with its definition on hover and focus. */
import { Tooltip } from '@mantine/core';
import { definitionOf } from '#renderer/definitions';

export function Term({ id, children }: { readonly id: string; readonly children: string }) {
  const definition = definitionOf(id);
  if (definition === undefined) return children;
  const text = [definition.text, definition.formula, definition.source].filter((part) => part !== undefined).join(' ');
  return (
    <Tooltip label={text} multiline w={300}>
      <span className="term">{children}</span>
    </Tooltip>
  );
}
