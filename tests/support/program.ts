/** The product's command line and worker, bundled as they are shipped, and a way to run them. Built once per test process. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { assemblyScript } from '../../scripts/assemblyscript-plugin';
import { threadSource } from '../../scripts/thread-source-plugin';
import { buildDefines } from '../../scripts/build-defines';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
let built: Promise<string> | undefined;

/** Absolute path of the bundled command line. */
export function buildProgram(): Promise<string> {
  return (built ??= bundle());
}

async function bundle(): Promise<string> {
  const cache = join(ROOT, '.cache');
  mkdirSync(cache, { recursive: true });
  const home = mkdtempSync(join(cache, 'program-'));
  process.once('exit', () => rmSync(home, { recursive: true, force: true }));
  symlinkSync(join(ROOT, 'configs'), join(home, 'configs'));
  const outDir = join(home, 'out', 'main');
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    define: buildDefines(),
    plugins: [assemblyScript(), threadSource()],
    build: {
      ssr: true,
      outDir,
      target: 'node24',
      minify: false,
      rolldownOptions: {
        input: { cli: join(ROOT, 'src/headless/cli.ts'), worker: join(ROOT, 'src/compute/worker.ts') },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  });
  return join(outDir, 'cli.js');
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Sees stderr as it comes; may send signals. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs the command line to its end. */
export async function runProgram(words: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const cli = await buildProgram();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: options.cwd ?? ROOT,
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...options.environment },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onStderr?.(stderr, (signal) => child.kill(signal));
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
