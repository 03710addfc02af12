/** `npm test`: everything that must hold. `--long` (npm run test:long) also runs the long sweeps. */
import { browser, format, golden, lint, runSteps, tests, types, unused } from './test-steps.ts';

if (process.argv.includes('--long')) process.env.SEXTANT_LONG = '1';
await runSteps([types, lint, format, unused, tests('tests', []), golden, browser]);
