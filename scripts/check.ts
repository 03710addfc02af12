/** `npm run check`: what to run before every commit, under a minute: types, lint, format and the unit tests. */
import { format, lint, runSteps, tests, types } from './test-steps.ts';

await runSteps([types, lint, format, tests('unit tests', ['src'])]);
