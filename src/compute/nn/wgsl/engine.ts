/**
 * The training engine on any WebGPU device: fused kernels, generated for the network's shape, deterministic on one device and driver.
 * Where the device comes from is the caller's business (`dawn.ts` in Node, the browser's own in Chromium).
 */
import { AppError } from '#base/errors';
import type { InputTable, MemoryUse, NetworkEngine, SessionOptions } from '#quant/nn/engine';
import { initialState } from '#quant/nn/initialize';
import { checkNetwork, type Network } from '#quant/nn/network';
import { aligned, ALIGNMENT, allocate, memoryOf, release, vectorBytes, type BufferSpec } from './buffers';
import type { WgslDevice } from './device';
import { gatProgram } from './gat-program';
import { lstmProgram } from './lstm-program';
import { FIRST_RESULT, NORM_PARTS, RESULTS } from './optimizer-kernels';
import type { Program } from './program';
import { SLOTS } from './recorder';
import { WgslSession } from './session';

export interface WgslEngine extends NetworkEngine {
  open(network: Network, inputs: InputTable, options: SessionOptions): Promise<WgslSession>;
}

type TableShape = Pick<InputTable, 'series' | 'days'>;

/** Takes the device over: it is destroyed with the engine. */
export function wgslEngine(gpu: WgslDevice): WgslEngine {
  const sharedBytes = gpu.device.limits.maxComputeWorkgroupStorageSize;
  const { name, backend } = gpu.adapter;
  return {
    id: 'wgsl',
    device: backend === '' ? name : `${name} (${backend})`,
    deterministic: true,
    plan: (network, options, table) => plannedMemory(network, options, table, sharedBytes),
    async open(network, table, options) {
      gpu.check();
      checkNetwork(network);
      checkTable(network, table);
      const program = programOf(network, options, table.days, sharedBytes);
      const specs = bufferSpecs(program, network, table);
      const buffers = await allocate(gpu, specs);
      const session = new WgslSession({ gpu, network, table, options, program, specs, buffers });
      try {
        uploadOnce(gpu.device, buffers, table, program);
        await session.write(initialState(network, options.seed));
        return session;
      } catch (error) {
        release(buffers);
        throw error;
      }
    },
    dispose: async () => gpu.dispose(),
  };
}

/** Of a session, from shapes and the bytes of a workgroup's memory. Errors: BAD_REQUEST for a network that cannot be. */
export function plannedMemory(
  network: Network,
  options: SessionOptions,
  table: TableShape,
  sharedBytes: number,
): MemoryUse {
  return memoryOf(bufferSpecs(programOf(network, options, table.days, sharedBytes), network, table));
}

function programOf(network: Network, options: SessionOptions, days: number, sharedBytes: number): Program {
  checkNetwork(network);
  return network.kind === 'lstm'
    ? lstmProgram(network, options, days, sharedBytes)
    : gatProgram(network, options, days, sharedBytes);
}

function checkTable({ inputs }: Network, table: InputTable): void {
  const size = table.series * table.days * table.inputs;
  if (table.inputs === inputs && table.values.length === size) return;
  throw new AppError(
    'BAD_REQUEST',
    `Expected a table of ${table.series} × ${table.days} × ${inputs} numbers, found ${table.values.length} with ${table.inputs} inputs.`,
  );
}

function bufferSpecs(program: Program, network: Network, { series, days }: TableShape): BufferSpec[] {
  const packed = 16 * program.packedVectors;
  return [
    { name: 'parameters', bytes: packed, holds: 'parameters' },
    { name: 'transposed', bytes: vectorBytes(4 * program.transposed.vectors), holds: 'parameters' },
    { name: 'first', bytes: packed, holds: 'optimizer' },
    { name: 'second', bytes: packed, holds: 'optimizer' },
    { name: 'gradient', bytes: packed, holds: 'optimizer' },
    { name: 'norms', bytes: vectorBytes(NORM_PARTS), holds: 'workspace' },
    { name: 'scalars', bytes: vectorBytes(FIRST_RESULT + 2 * RESULTS), holds: 'workspace' },
    { name: 'hyper', bytes: SLOTS * ALIGNMENT, holds: 'workspace', isUniform: true },
    { name: 'segments', bytes: ALIGNMENT * Math.max(1, program.segments.length), holds: 'workspace', isUniform: true },
    { name: 'table', bytes: vectorBytes(series * days * network.inputs), holds: 'inputs' },
    { name: 'batches', bytes: SLOTS * aligned(4 * program.batchWords), holds: 'inputs' },
    ...program.buffers,
  ];
}

function uploadOnce(
  { queue }: GPUDevice,
  buffers: ReadonlyMap<string, GPUBuffer>,
  { values }: InputTable,
  { segments }: Program,
): void {
  const table = buffers.get('table');
  const uniforms = buffers.get('segments');
  if (table === undefined || uniforms === undefined) return;
  // A table in shared memory is not taken by every implementation; whole buffers of its own are.
  const own = values.buffer instanceof ArrayBuffer ? (values as Float32Array<ArrayBuffer>) : new Float32Array(values);
  if (own.length > 0) queue.writeBuffer(table, 0, own);
  segments.forEach((numbers, at) => queue.writeBuffer(uniforms, at * ALIGNMENT, Uint32Array.from(numbers)));
}
