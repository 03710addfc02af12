/**
 * The rung of today's cards: WebGPU, in a Node process through Dawn (the optional package `webgpu`), in a process of Electron through the
 * hidden window, whose Chromium has WebGPU of its own. A software adapter is named and never taken for a card.
 */
import { AppError } from '#base/errors';
import type { DeviceProbe, DeviceRungState } from '#contract/devices';
import { loadEngine } from '../nn/engines';
import { backendName, dawn, missingDriver } from '../nn/wgsl/dawn';
import { describeAdapter } from '../nn/wgsl/device';
import { parentPort } from '../process-port';
import { LSTM_STEP, measureLstmStep } from './lstm-step';
import { fastest, gigaPerSecond } from './stopwatch';

const LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize', 'maxComputeInvocationsPerWorkgroup'] as const;
/** Of the square matrices, and bytes to copy. */
const CARD = { side: 1024, bytes: 64 * 2 ** 20 };
const SOFTWARE_SIZE: typeof CARD = { side: 128, bytes: 2 ** 20 };

/**
 * @param takeSoftware measure a software adapter too, for tests
 * @param parent the channel to Electron's main process, in a process that has one
 */
export async function probe(takeSoftware = false, parent = parentPort()): Promise<DeviceRungState> {
  if (parent !== undefined) return (await import('./webgpu-window')).probeWindow(parent);
  const state = { rung: 'webgpu', title: 'WebGPU', adapter: null, limits: {}, probe: null } as const;
  const unavailable = (reason: string): DeviceRungState => ({ ...state, status: 'unavailable', reason });
  let gpu: GPU;
  try {
    gpu = await dawn();
  } catch (error) {
    return unavailable(error instanceof AppError ? error.message : String(error));
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return unavailable(`No graphics card that WebGPU can drive was found. ${missingDriver()}`);
  const described = describeAdapter(adapter, backendName());
  const limits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
  if (described.isSoftware && !takeSoftware) {
    const reason = `Only the software adapter "${described.name}" was found; the wasm rung is faster. ${missingDriver()}`;
    return { ...unavailable(reason), adapter: described, limits };
  }
  return {
    ...state,
    status: 'works',
    reason: null,
    adapter: described,
    limits,
    probe: await measure(adapter, described.isSoftware ? SOFTWARE_SIZE : CARD),
  };
}

async function measure(adapter: GPUAdapter, { side, bytes }: typeof CARD): Promise<DeviceProbe> {
  const start = performance.now();
  const device = await adapter.requestDevice({ label: 'Sextant probe' });
  try {
    const matmulGflops = gigaPerSecond(2 * side ** 3, await fastest(matmul(device, side)));
    const copyGBs = gigaPerSecond(2 * bytes, await fastest(copy(device, bytes)));
    const step = await lstmStep();
    const seconds = (performance.now() - start) / 1000;
    return { matmulGflops, lstmStepMs: step, lstmStep: step === null ? 'not measured' : LSTM_STEP, copyGBs, seconds };
  } finally {
    device.destroy();
  }
}

/** Null where this build's WebGPU engine cannot take the network. */
async function lstmStep(): Promise<number | null> {
  try {
    const engine = await loadEngine('wgsl');
    try {
      return await measureLstmStep(engine, 1);
    } finally {
      await engine.dispose();
    }
  } catch {
    return null;
  }
}

/** Each workgroup multiplies a tile of 16 × 16 from shared memory: a plain kernel, a lower bound of what the card can do. */
const matmulShader = (side: number): string => /* wgsl */ `
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
var<workgroup> ta: array<f32, 256>;
var<workgroup> tb: array<f32, 256>;
@compute @workgroup_size(16, 16)
fn main(@builtin(local_invocation_id) l: vec3u, @builtin(workgroup_id) w: vec3u) {
  let row = w.y * 16u + l.y;
  let column = w.x * 16u + l.x;
  var sum = 0.0;
  for (var k = 0u; k < ${side}u; k += 16u) {
    ta[l.y * 16u + l.x] = a[row * ${side}u + k + l.x];
    tb[l.y * 16u + l.x] = b[(k + l.y) * ${side}u + column];
    workgroupBarrier();
    for (var i = 0u; i < 16u; i++) { sum += ta[l.y * 16u + i] * tb[i * 16u + l.x]; }
    workgroupBarrier();
  }
  c[row * ${side}u + column] = sum;
}`;

function matmul(device: GPUDevice, side: number): () => Promise<void> {
  const pipeline = device.createComputePipeline({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: matmulShader(side) }) },
  });
  const entries = [0, 1, 2].map((binding) => ({
    binding,
    resource: { buffer: device.createBuffer({ size: side * side * 4, usage: GPU_STORAGE }) },
  }));
  const bindGroup = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return async () => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(side / 16, side / 16);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  };
}

/** `GPUBufferUsage` is a global in browsers only. */
const GPU_STORAGE = 0x80;
const GPU_COPY = 0x04 | 0x08;

function copy(device: GPUDevice, bytes: number): () => Promise<void> {
  const [from, to] = [0, 1].map(() => device.createBuffer({ size: bytes, usage: GPU_COPY }));
  return async () => {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, to, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  };
}
