/** Processor time of a training step on Dawn's null backend, which runs no shader: what it costs to record, upload and submit. */
import { dawnDevice } from '#compute/nn/wgsl/dawn';
import { wgslEngine } from '#compute/nn/wgsl/engine';
import { gatProblem, lstmProblem, UPDATE } from '../gpu/problems';

const GOAL_US = 200;
const STEPS = 2000;
const engine = wgslEngine(await dawnDevice({ software: true, flags: ['backend=null'] }));
for (const { title, network, table, batch, options } of [lstmProblem(512, 60, 64), gatProblem(500)]) {
  const session = await engine.open(network, table, options);
  const run = async (steps: number): Promise<void> => {
    for (let k = 0; k < steps; k++) {
      await session.accumulate(batch, { id: 'mse' }, 1);
      await session.update(UPDATE);
    }
    await session.measured();
  };
  await run(200);
  const dispatches = session.counts.dispatches;
  const before = process.cpuUsage();
  await run(STEPS);
  const { user, system } = process.cpuUsage(before);
  const perStep = (session.counts.dispatches - dispatches) / STEPS;
  console.log(
    `${title} | ${((user + system) / STEPS).toFixed(0)} µs of processor time, all threads (goal ${GOAL_US}), ${perStep} dispatches`,
  );
  session.dispose();
}
await engine.dispose();
