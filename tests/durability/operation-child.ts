/** Does one operation in a process of its own: `node script.mjs NAME ROOT SABOTAGE`. Each promise is a line on stdout. */
import { writeSync } from 'node:fs';
import type { Sabotage } from './operation';
import { operations } from './operations';

/** A host waits for space on a full disk, as long as it takes; here it is full for ever. For what does not say so: */
const PATIENCE_MS = 1500;
setTimeout(() => process.exit(3), PATIENCE_MS * (process.env.SEXTANT_LONG === '1' ? 4 : 1)).unref();

const [name, root, sabotage] = process.argv.slice(2);
const operation = operations.find((candidate) => candidate.name === name);
if (operation === undefined) throw new Error(`Expected an operation; found ${name}.`);
await operation.run({
  root,
  sabotage: sabotage as Sabotage, // the tests name one of them
  // Straight to the descriptor: a promise must not wait in a buffer when the process dies.
  promise: (fact) => void writeSync(1, `${fact}\n`),
  stuck: () => process.exit(3),
});
