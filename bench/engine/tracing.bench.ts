/** What a trace costs a call: the same reads through the door, with recording on and off. */
import { openTestEngine } from '../../tests/support/engine-host';
import { bench } from '../harness';

const CALLS = 200;
const engine = await openTestEngine();

async function callWith(enabled: boolean): Promise<void> {
  await engine.client.traces.configure({ config: { enabled, endpoint: null } });
  for (let i = 0; i < CALLS; i++) await engine.client.runs.list({ limit: 1 });
}

await bench({ job: `tracing: ${CALLS} calls of runs.list` }, [
  { name: 'recorded', run: () => callWith(true) },
  { name: 'off', run: () => callWith(false) },
]);
await engine[Symbol.asyncDispose]();
