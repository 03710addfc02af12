#!/usr/bin/env node
/**
 * The `sextant` command of an installed package: runs the built command line under Node 24.
 * In a checkout use `npm run -s sextant -- <arguments>`, which sets up and builds first.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findNode, run } from './run-node.mjs';

try {
  if (!existsSync(fileURLToPath(new URL('../out/main/cli.js', import.meta.url)))) {
    throw new Error('Expected the built program in out/, found none. In a checkout, run `npm run build` first.');
  }
  process.exitCode = await run(findNode(), 'out/main/cli.js', process.argv.slice(2));
} catch (error) {
  console.error(`sextant: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
