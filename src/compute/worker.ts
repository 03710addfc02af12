/**
 * The only entry of a child process, whichever host started it: Electron's `utilityProcess` (a `parentPort`) or
 * Node's `child_process.fork` with advanced serialization (`process.send`). It runs one job and never outlives its parent.
 */
import { loadProductJob } from './job';
import { dieWithParent } from './parent-watch';
import { processPort } from './process-port';
import { serveJob } from './serve-job';

dieWithParent();
await serveJob(processPort(), loadProductJob);
