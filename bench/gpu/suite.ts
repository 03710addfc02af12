/**
 * What is measured on a graphics card, one JSON line per figure; `run.mjs` starts it and draws the table. `--tiny`: shapes that a software
 * adapter finishes, to see that it runs; its figures say nothing about a card.
 */
import { spawnSync } from 'node:child_process';
import { probe } from '#compute/devices/webgpu';
import { dawnDevice } from '#compute/nn/wgsl/dawn';
import { wgslEngine } from '#compute/nn/wgsl/engine';
import { gatProblem, lstmProblem, UPDATE, type Problem } from './problems';

const isTiny = process.argv.includes('--tiny');
const ROUNDS = isTiny ? 2 : 7;
const STEPS_PER_ROUND = isTiny ? 1 : 20;
/** Windows of 500 names × 1,260 days × 30 epochs, in batches of 512. */
const FOLD_STEPS = Math.ceil((500 * (1260 - 60)) / 512) * 30;

function tell(job: string, value: number | null, unit: string, goal = ''): void {
  console.log(JSON.stringify({ job, value, unit, goal }));
}

const state = await probe(isTiny);
if (state.probe === null) throw new Error(state.reason ?? 'Expected a card that WebGPU can drive, found none.');
tell('copy bandwidth', state.probe.copyGBs, 'GB/s');
tell('matmul, plain tiles of 16', state.probe.matmulGflops, 'GFLOP/s');

const gpu = await dawnDevice({ software: isTiny });
const engine = wgslEngine(gpu);
console.log(JSON.stringify({ device: engine.device }));
tell('multiply-adds from registers', await fmaRate(), 'GFLOP/s');

/** Median milliseconds of a step when steps follow each other, as in training; the card's work is waited for. */
async function stepMs({ network, table, batch, options }: Problem): Promise<number> {
  const session = await engine.open(network, table, options);
  const times: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const start = performance.now();
    for (let k = 0; k < STEPS_PER_ROUND; k++) {
      await session.accumulate(batch, { id: 'mse' }, 1);
      await session.update(UPDATE);
    }
    await session.measured();
    if (round >= 0) times.push((performance.now() - start) / STEPS_PER_ROUND);
  }
  session.dispose();
  return times.sort((a, b) => a - b)[ROUNDS >> 1];
}

const lstm = isTiny ? lstmProblem(16, 8, 16) : lstmProblem(512, 60, 64);
const lstmMs = await stepMs(lstm);
tell(lstm.title, lstmMs, 'ms', isTiny ? '' : '≤ 1.5');
if (!isTiny) tell(`LSTM fold, ${FOLD_STEPS} steps (extrapolated)`, (lstmMs * FOLD_STEPS) / 1000, 's', '≤ 120');
for (const nodes of isTiny ? [40] : [500, 2000]) tell(gatProblem(nodes).title, await stepMs(gatProblem(nodes)), 'ms');

const large = isTiny ? lstmProblem(64, 8, 16) : lstmProblem(4096, 60, 64);
const { total } = engine.plan(large.network, large.options, large.table);
const usedBefore = usedMebibytes();
const session = await engine.open(large.network, large.table, large.options);
await session.accumulate(large.batch, { id: 'mse' }, 1);
await session.update(UPDATE);
await session.measured();
const used = usedMebibytes();
const measured = used === null || usedBefore === null ? null : used - usedBefore;
tell(`${large.title}: memory planned`, total / 2 ** 20, 'MiB', isTiny ? '' : '≤ 1430');
tell(`${large.title}: memory by nvidia-smi`, measured, 'MiB', 'plan ±15 %');
session.dispose();
await engine.dispose();

/** Used on the first card, by whomever; null where nvidia-smi is not there. */
function usedMebibytes(): number | null {
  const words = ['--query-gpu=memory.used', '--format=csv,noheader,nounits'];
  const { status, stdout } = spawnSync('nvidia-smi', words, { encoding: 'utf8' });
  return status === 0 ? Number.parseInt(stdout, 10) : null;
}

/** Chains of dependent multiply-adds in registers, eight per thread: what the arithmetic can do when memory is not asked. */
async function fmaRate(): Promise<number> {
  const { device } = gpu;
  const [groups, loops] = isTiny ? [4, 64] : [4096, 4096];
  const code = `
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(256) fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = f32(id.x) * 1e-9 + 0.5;
  var a = vec4f(x, x + 1.0, x + 2.0, x + 3.0);
  var b = a * 0.5;
  for (var i = 0u; i < ${loops}u; i++) { a = fma(a, vec4f(0.999), vec4f(x)); b = fma(b, vec4f(0.998), vec4f(x)); }
  out[id.x] = dot(a, b);
}`;
  const compute = { module: device.createShaderModule({ code }) };
  const pipeline = device.createComputePipeline({ layout: 'auto', compute });
  const buffer = device.createBuffer({ size: groups * 256 * 4, usage: 0x80 }); // GPUBufferUsage.STORAGE
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer } }],
  });
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(groups);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    best = Math.min(best, performance.now() - start);
  }
  buffer.destroy();
  return (groups * 256 * loops * 8 * 2) / best / 1e6;
}
