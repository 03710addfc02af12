/** What metrics cost: the same requests over real HTTP with and without them, in turns; and one scrape of a workspace in use. */
import { Agent, get } from 'node:http';
import { silentLog } from '#base/log';
import { createInlineClient } from '#engine/api/inline';
import { createCallMeter } from '#engine/metrics/call-metrics';
import { createMetrics, type Metrics } from '#engine/metrics/metrics';
import { startApiHost } from '../../tests/support/api-host';
import { openTestEngine } from '../../tests/support/engine-host';
import { HEALTHY, recordingHandlers } from '../../tests/support/recording-handlers';
import { bench } from '../harness';

const REQUESTS = 2_000;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

async function serve(metrics?: Metrics) {
  const host = await startApiHost(recordingHandlers([], HEALTHY), metrics === undefined ? {} : { metrics });
  const headers = { 'x-api-token': host.token };
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      get(`${host.server.url}/api/v1/system/health`, { agent, headers }, (response) => {
        response.resume().once('end', resolve);
      }).once('error', reject);
    });
  return {
    async run() {
      for (let i = 0; i < REQUESTS; i++) await ask();
    },
    close: () => host[Symbol.asyncDispose](),
  };
}

const [measured, plain] = [await serve(createMetrics(silentLog)), await serve()];
await bench({ job: `${REQUESTS} requests, one after the other`, rounds: 9 }, [
  { name: 'with metrics', run: measured.run },
  { name: 'without', run: plain.run },
]);
await measured.close();
await plain.close();

const metrics = createMetrics(silentLog);
const count = createCallMeter(metrics);
await bench({ job: '100,000 calls counted and timed' }, [
  {
    name: 'sextant',
    run() {
      for (let i = 0; i < 100_000; i++) count({ operation: 'runs.list', code: 'OK', seconds: 0.003 });
    },
  },
]);

const host = await openTestEngine();
await host.finished((await host.client.datasets.generate({})).job);
await host.client.backups.create({});
const client = createInlineClient(host.engine.router, 'bench');
await bench({ job: 'one scrape of a small workspace', goalMs: 50 }, [
  { name: 'sextant', run: () => client.system.metrics({}) },
]);
await host[Symbol.asyncDispose]();
agent.destroy();
