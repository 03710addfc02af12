/** Copies text to the clipboard and says that it did. */
import { Button } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';

export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <Button variant="default" onClick={() => clipboard.copy(text)}>
      {clipboard.copied ? 'Copied' : label}
    </Button>
  );
}
