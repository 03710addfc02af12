/** How busy the machine is: processor, memory, the card's memory, and the delay of this process's event loop. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import si from 'systeminformation';
import type { VramState } from '#contract/vram';

export interface SystemLoad {
  readonly cpuShare: number | null;
  readonly memoryUsedBytes: number;
  readonly memoryTotalBytes: number;
  readonly vram: VramState;
  readonly eventLoopP99Ms: number;
}

export interface LoadSampler {
  sample(): Promise<SystemLoad>;
  close(): void;
}

/** `vram`: what is known of the card's memory now. */
export function createLoadSampler(vram: () => Promise<VramState>): LoadSampler {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();

  async function sample(): Promise<SystemLoad> {
    const [load, memory, card] = await Promise.all([si.currentLoad(), si.mem(), vram()]);
    return {
      cpuShare: Number.isFinite(load.currentLoad) ? load.currentLoad / 100 : null,
      memoryUsedBytes: memory.active,
      memoryTotalBytes: memory.total,
      vram: card,
      eventLoopP99Ms: Math.max(0, delay.percentile(99) / 1e6 - 10),
    };
  }

  return { sample, close: () => delay.disable() };
}
