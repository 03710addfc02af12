/** A terminal that keeps what is written to it. */
import type { Output, Terminal } from '#headless/terminal';

export interface TestTerminal extends Terminal {
  readonly out: () => string;
  readonly err: () => string;
  /** Ctrl-C. */
  interrupt(): void;
}

export function testTerminal(
  environment: Readonly<Record<string, string>> = {},
  { isTerminal = false, columns = 100 } = {},
): TestTerminal {
  const texts = { out: '', err: '' };
  const output = (name: 'out' | 'err'): Output => ({
    write: (text) => void (texts[name] += text),
    isTerminal,
    columns,
  });
  const listeners = new Set<() => void>();
  return {
    stdout: output('out'),
    stderr: output('err'),
    environment,
    onInterrupt(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    out: () => texts.out,
    err: () => texts.err,
    interrupt: () => {
      for (const listener of listeners) listener();
    },
  };
}
