/** The product's worker with the jobs of the tests instead of its own. */
import { dieWithParent } from '#compute/parent-watch';
import { processPort } from '#compute/process-port';
import { serveJob } from '#compute/serve-job';
import { loadTestJob } from './worker-jobs';

dieWithParent();
await serveJob(processPort(), loadTestJob);
