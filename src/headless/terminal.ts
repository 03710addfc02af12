/** What the command line touches of the world: output, environment, interrupts. A test passes its own. */

export interface Terminal {
  /** Results only. */
  readonly stdout: Output;
  /** Everything that is not a result. */
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Calls back at every Ctrl-C (or SIGTERM) until the returned function is called. */
  onInterrupt(listener: () => void): () => void;
  /** Asks for a secret without showing it; absent where nobody can be asked. */
  readonly askSecret?: (question: string) => Promise<string>;
}

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Width of the terminal; 100 elsewhere. */
  readonly columns: number;
}

export function processTerminal(): Terminal {
  const terminal: Terminal = {
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    environment: process.env,
    onInterrupt(listener) {
      process.on('SIGINT', listener);
      process.on('SIGTERM', listener);
      return () => {
        process.off('SIGINT', listener);
        process.off('SIGTERM', listener);
      };
    },
  };
  return process.stdin.isTTY && process.stderr.isTTY ? { ...terminal, askSecret } : terminal;
}

function outputOf(stream: NodeJS.WriteStream): Output {
  // A reader that closes the pipe (`| head`) has what it wanted; that is no error.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    columns: stream.isTTY === true ? stream.columns : 100,
  };
}

async function askSecret(question: string): Promise<string> {
  const { createInterface } = await import('node:readline');
  const { Writable } = await import('node:stream');
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve) => {
    reader.question('', (answer) => {
      reader.close();
      process.stderr.write('\n');
      resolve(answer);
    });
  });
}
