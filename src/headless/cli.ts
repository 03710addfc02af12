/** Entry of the command line. */
import { programIn } from './program';
import { runCli } from './run-cli';
import { processTerminal } from './terminal';

process.exitCode = await runCli(process.argv.slice(2), processTerminal(), programIn(import.meta.dirname));
