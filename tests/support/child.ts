/** A child process of a test, read line by line and killed with the test. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

export interface Child {
  readonly process: ChildProcess;
  /** Lines so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line that matches, said before or after the call. Errors: the child ends without it. */
  line(matches: RegExp): Promise<string>;
  /** Resolves when it has said at least this many lines. Errors: the child ends before. */
  count(lines: number): Promise<void>;
  /** Kills it like a power cut of the process, and waits until it is gone. */
  kill(): Promise<void>;
  readonly closed: Promise<void>;
}

export function startChild(script: string, args: readonly string[], env: Record<string, string> = {}): Child {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let open = true;
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const wake of waiting) wake();
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => {
      open = false;
      for (const wake of waiting) wake();
      resolve();
    });
  });

  /** Waits for the next line, or for the end. Errors: it has ended. */
  async function news(expected: string): Promise<void> {
    if (!open) throw new Error(`Expected ${expected}; the child ended after: ${lines.slice(-5).join(' | ')}`);
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        waiting.delete(wake);
        resolve();
      };
      waiting.add(wake);
    });
  }

  async function line(matches: RegExp): Promise<string> {
    for (let next = 0; ;) {
      for (; next < lines.length; next++) if (matches.test(lines[next])) return lines[next];
      await news(`a line like ${String(matches)}`);
    }
  }

  async function count(wanted: number): Promise<void> {
    while (lines.length < wanted) await news(`${wanted} lines`);
  }

  async function kill(): Promise<void> {
    child.kill('SIGKILL');
    await closed;
  }

  onTestFinished(async () => kill());
  return { process: child, lines, line, count, kill, closed };
}
