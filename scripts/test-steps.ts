/**
 * The steps that `npm test` and `npm run check` are made of. Each runs one tool with its output shown, and answers how
 * many checks passed, failed and were skipped. Runs under Node 24 after set-up.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findElectron } from './find-electron.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
const results = join(root, '.cache', 'test');
const goldenTool = join(root, '..', 'shared', 'tools', 'check-golden.mjs');

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Why nothing or not everything ran. */
  readonly note?: string;
}

export interface Step {
  readonly title: string;
  run(): Promise<Outcome>;
}

const one = (isPassed: boolean): Outcome => ({ passed: isPassed ? 1 : 0, failed: isPassed ? 0 : 1, skipped: 0 });

/** Runs a script of a locked package under this Node; resolves to exit code and what it wrote on stdout. */
function tool(
  name: string,
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; output: string }> {
  return node(join(root, 'node_modules', name, script), args, env);
}

function node(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }), ...env },
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

const projects = ['tsconfig.shared.json', 'tsconfig.node.json', 'tsconfig.web.json', 'tests/browser/tsconfig.json'];

export const types: Step = {
  title: 'types',
  async run() {
    let failed = 0;
    for (const project of projects) {
      const { code } = await tool('@typescript/native', 'bin/tsc', ['-p', project]);
      if (code !== 0) failed++;
    }
    return { passed: projects.length - failed, failed, skipped: 0 };
  },
};

export const lint: Step = {
  title: 'lint',
  run: async () => one((await tool('oxlint', 'bin/oxlint', ['--type-aware', '--quiet'])).code === 0),
};

export const format: Step = {
  title: 'format',
  run: async () =>
    one(
      (
        await tool('prettier', 'bin/prettier.cjs', [
          '--check',
          '--cache',
          '--cache-location=.cache/prettier',
          '--log-level',
          'warn',
          '.',
        ])
      ).code === 0,
    ),
};

export const unused: Step = {
  title: 'unused code',
  run: async () => one((await tool('knip', 'bin/knip.js', ['--no-progress'])).code === 0),
};

/** What is read of vitest's JSON report. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
}

export function tests(title: string, folders: readonly string[]): Step {
  return {
    title,
    async run() {
      const file = freshResult('vitest.json');
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
      const { code } = await tool('vitest', 'vitest.mjs', ['run', ...reporters, ...folders]);
      const report = readResult(file) as VitestReport | null; // written by vitest a moment ago
      if (report === null) return one(false);
      const failed = Math.max(report.numFailedTests, code === 0 ? 0 : 1);
      return { passed: report.numPassedTests, failed, skipped: report.numPendingTests };
    },
  };
}

export const golden: Step = {
  title: 'reference cases',
  async run() {
    if (!existsSync(goldenTool)) {
      return { passed: 0, failed: 0, skipped: 1, note: 'the folder ../shared with the reference cases is not here' };
    }
    const { code, output } = await node(goldenTool, []);
    const totals = [...output.matchAll(/^TOTAL pass (\d+) fail (\d+) missing (\d+)/gm)];
    const sum = (group: number): number => totals.reduce((total, match) => total + Number(match[group]), 0);
    const failed = sum(2) + sum(3);
    return { passed: sum(1), failed: Math.max(failed, code === 0 ? 0 : 1), skipped: 0 };
  },
};

/** What is read of Playwright's JSON report. */
interface PlaywrightReport {
  readonly stats: {
    readonly expected: number;
    readonly unexpected: number;
    readonly flaky: number;
    readonly skipped: number;
  };
}

export const browser: Step = {
  title: 'browser tests',
  async run() {
    const chromium = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
    if (!existsSync(chromium)) {
      const note = `no browser at ${chromium}; set CHROMIUM_PATH`;
      // A run that decides something must not pass without them.
      return process.env.CI === undefined ? { passed: 0, failed: 0, skipped: 1, note } : { ...one(false), note };
    }
    const file = freshResult('playwright.json');
    const { code } = await tool('@playwright/test', 'cli.js', ['test', '--reporter=list,json'], {
      PLAYWRIGHT_JSON_OUTPUT_NAME: file,
      // Playwright sets FORCE_COLOR for its workers, and Node warns about both.
      NO_COLOR: undefined,
      FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
    });
    const report = readResult(file) as PlaywrightReport | null; // written by Playwright a moment ago
    if (report === null) return one(false);
    const { expected, unexpected, flaky, skipped } = report.stats;
    const electron = findElectron();
    return {
      passed: expected,
      failed: Math.max(unexpected + flaky, code === 0 ? 0 : 1),
      skipped: skipped + (electron.ok ? 0 : 1),
      ...(electron.ok ? {} : { note: `without the desktop window, ${electron.why}` }),
    };
  },
};

function freshResult(name: string): string {
  mkdirSync(results, { recursive: true });
  const file = join(results, name);
  rmSync(file, { force: true });
  return file;
}

function readResult(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/** A step that breaks down has failed; the others still run. */
async function outcomeOf(step: Step): Promise<Outcome> {
  try {
    return await step.run();
  } catch (error) {
    return { ...one(false), note: error instanceof Error ? error.message : String(error) };
  }
}

/** Runs every step even when one fails, then prints what happened and, as the last line, the sum. */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  const lines: string[] = [];
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const step of steps) {
    console.log(`\n── ${step.title} ──`);
    const started = performance.now();
    const { passed, failed, skipped, note } = await outcomeOf(step);
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
    const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    lines.push(`${step.title.padEnd(16)} ${seconds} s  ${counts}${note === undefined ? '' : `: ${note}`}`);
    console.log(lines.at(-1));
  }
  console.log(`\n${lines.join('\n')}\n`);
  console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
  process.exitCode = sum.failed > 0 ? 1 : 0;
}
