/**
 * The training engine of every processor: SIMD kernels over one shared memory, on as many threads as there are cores.
 * The same state and batches give the same bits whatever the number of threads; the strict build gives them on every machine.
 */
import { availableParallelism } from 'node:os';
import { AppError } from '#base/errors';
import type { InputTable, MemoryUse, NetworkEngine, NetworkSession, SessionOptions } from '#quant/nn/engine';
import { checkNetwork, type LstmNetwork, type Network } from '#quant/nn/network';
import { FIRST_FREE_BYTE } from './control';
import { mapGat } from './gat-map';
import { GatProgram } from './gat-program';
import { instantiate } from './kernel-exports';
import { kernelModule } from './kernels';
import { mapLstm, SHARDS } from './lstm-map';
import { LstmProgram, type LstmProgramParts } from './lstm-program';
import { memoryShelf, type MemoryShelf } from './memory-shelf';
import { startThreads } from './thread-pool';
import { WasmSession } from './wasm-session';

export function wasmEngine(): NetworkEngine {
  const shelf = memoryShelf();
  return {
    id: 'wasm',
    device: 'wasm relaxed-simd',
    deterministic: true,
    plan: (network, options, table) => planWasm(network, options, table),
    open: (network, inputs, options) => openSession(network, inputs, options, shelf),
    dispose: async () => shelf.clear(),
  };
}

/** From shapes alone. Errors: as `open`. */
function planWasm(network: Network, options: SessionOptions, table: { series: number; days: number }): MemoryUse {
  checkNetwork(network);
  checkOptions(options);
  const map =
    network.kind === 'gat' ? mapGat(network, options, table) : mapLstm(network, options, threadsOf(options), table);
  return map.memory;
}

async function openSession(
  network: Network,
  table: InputTable,
  options: SessionOptions,
  shelf: MemoryShelf,
): Promise<NetworkSession> {
  const memory = await shelf.take(FIRST_FREE_BYTE + planWasm(network, options, table).total);
  const module = kernelModule(options.strict === true ? 'strict' : 'relaxed');
  const kernels = instantiate(module, memory);
  kernels.fillTable();
  const parts = { table, options, kernels, memory };
  const program =
    network.kind === 'gat'
      ? new GatProgram({ ...parts, network, map: mapGat(network, options, table) })
      : await lstmProgram(network, module, parts);
  const onClose = (ended: Promise<void>): void => shelf.giveBack(memory, ended);
  return new WasmSession({ ...parts, network, program, onClose });
}

async function lstmProgram(
  network: LstmNetwork,
  module: WebAssembly.Module,
  parts: Omit<LstmProgramParts, 'network' | 'map' | 'pool'>,
): Promise<LstmProgram> {
  const { memory, options } = parts;
  const { series, days } = parts.table;
  const threads = threadsOf(options);
  const map = mapLstm(network, options, threads, { series, days });
  const pool = await startThreads({ module, memory, network, options, threads, table: { series, days } });
  return new LstmProgram({ ...parts, network, map, pool });
}

function threadsOf({ threads = availableParallelism() }: SessionOptions): number {
  return Math.max(1, Math.min(threads, SHARDS));
}

function checkOptions({ precision }: SessionOptions): void {
  if (precision === 'f32') return;
  throw new AppError(
    'DEVICE_UNAVAILABLE',
    'Expected single precision on the wasm engine; half precision needs a GPU with shader-f16. Choose f32.',
  );
}
