/** Entry of `npm start` where there is no desktop window: the same workstation in a browser. */
import { programIn } from './program';
import { runCli } from './run-cli';
import { processTerminal } from './terminal';

process.exitCode = await runCli(['serve', ...process.argv.slice(2)], processTerminal(), programIn(import.meta.dirname));
