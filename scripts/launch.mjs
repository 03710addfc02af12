#!/usr/bin/env node
/**
 * `node scripts/launch.mjs <target> [arguments]`: what every npm script runs. Sets the checkout up when it has to be
 * (scripts/setup.mjs), then starts the target under Node 24. Works on the Node that a machine has, from 20 on, and
 * before any package is installed. Set-up talks on stderr only; stdout and the exit code belong to the target.
 */
const oldestNode = 20;

const targets = {
  cli: { entry: 'out/main/cli.js', build: true },
  demo: { entry: 'out/main/cli.js', first: ['demo'], build: true },
  start: { entry: 'scripts/start.mjs', build: true },
  build: { entry: null, build: true, rebuild: true },
  test: { entry: 'scripts/test.ts', build: true, browser: true },
  check: { entry: 'scripts/check.ts', build: false },
  bench: { entry: 'scripts/bench.ts', build: false },
  'pack-gpu-bench': { entry: 'scripts/pack-gpu-bench.ts', build: false },
};

async function main() {
  const found = Number(process.versions.node.split('.')[0]);
  if (!(found >= oldestNode)) {
    throw new Error(`Expected Node.js ${oldestNode} or newer, found ${process.version}. Install a current Node.js.`);
  }
  const [name, ...rest] = process.argv.slice(2);
  const target = Object.hasOwn(targets, name ?? '') ? targets[name] : undefined;
  if (!target) throw new Error(`Expected one of ${Object.keys(targets).join(', ')}, found ${name ?? 'nothing'}.`);

  const { ensureBrowser, ensureBuild, ensurePackages } = await import('./setup.mjs');
  const { findNode, run } = await import('./run-node.mjs');
  await ensurePackages();
  const node = findNode();
  if (target.build) await ensureBuild(node, { always: target.rebuild === true });
  if (target.browser) await ensureBrowser();
  if (target.entry !== null) process.exitCode = await run(node, target.entry, [...(target.first ?? []), ...rest]);
}

main().catch((error) => {
  console.error(`sextant: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
