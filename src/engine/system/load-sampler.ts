/** How busy the machine is: processor, memory, VRAM where a sensor exists, and the delay of this process's event loop. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import si from 'systeminformation';

/** Default VRAM budget: 11 GiB in bytes, not 11·10⁹. */
export const VRAM_BUDGET_BYTES = 11 * 2 ** 30;

export interface SystemLoad {
  readonly cpuShare: number | null;
  readonly memoryUsedBytes: number;
  readonly memoryTotalBytes: number;
  readonly vramUsedBytes: number | null;
  readonly vramBudgetBytes: number;
  readonly vramReason: string | null;
  readonly eventLoopP99Ms: number;
}

export interface LoadSampler {
  sample(): Promise<SystemLoad>;
  close(): void;
}

export function createLoadSampler(): LoadSampler {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let graphics: Promise<{ usedBytes: number | null; reason: string | null }> | null = null;

  /** The list of cards is read once; where none reports memory there is nothing to sample again. */
  async function vram(): Promise<{ usedBytes: number | null; reason: string | null }> {
    const { controllers } = await si.graphics();
    const used = controllers
      .map((card) => card.memoryUsed)
      .filter((value): value is number => typeof value === 'number');
    if (used.length === 0) return { usedBytes: null, reason: 'No graphics card that reports its memory was found.' };
    graphics = null;
    return { usedBytes: Math.max(...used) * 2 ** 20, reason: null };
  }

  async function sample(): Promise<SystemLoad> {
    graphics ??= vram();
    const [load, memory, card] = await Promise.all([si.currentLoad(), si.mem(), graphics]);
    return {
      cpuShare: Number.isFinite(load.currentLoad) ? load.currentLoad / 100 : null,
      memoryUsedBytes: memory.active,
      memoryTotalBytes: memory.total,
      vramUsedBytes: card.usedBytes,
      vramBudgetBytes: VRAM_BUDGET_BYTES,
      vramReason: card.reason,
      eventLoopP99Ms: Math.max(0, delay.percentile(99) / 1e6 - 10),
    };
  }

  return { sample, close: () => delay.disable() };
}
