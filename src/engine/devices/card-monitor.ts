/** The monitor of the card as the engine uses it: series go to the store, warnings to the log of the job that holds the card. */
import { toWire } from '#base/errors';
import type { Host } from '../host';
import type { Queue } from '../jobs/queue';
import type { Database } from '../store/database';
import { saveJobMemory } from '../store/job-memory-table';
import type { VramEvent } from './vram-guard';
import { VramMonitor } from './vram-monitor';
import { createVramSource } from './vram-source';

export interface CardMonitorOptions {
  readonly database: Database;
  readonly host: Pick<Host, 'log' | 'now' | 'nvidiaSmi'>;
  /** Made after the monitor, which it asks for the lease. */
  queue(): Pick<Queue, 'note' | 'giveWay'>;
}

export function createCardMonitor({ database, host, queue }: CardMonitorOptions): VramMonitor {
  function onEvent(event: VramEvent, holder: string | null): void {
    const message = describe(event);
    host.log[event.type === 'cleared' ? 'info' : 'warn'](message, { job: holder });
    if (holder === null) return;
    try {
      queue().note(holder, event.type === 'cleared' ? 'info' : 'warn', message);
    } catch (error) {
      // A report that cannot be stored (a full disk) must not keep the card over its budget.
      host.log.error('A warning about the card could not be stored.', { job: holder, error: toWire(error).message });
    }
    if (event.type === 'over-budget') queue().giveWay(holder);
  }

  return new VramMonitor({
    source: createVramSource(host.nvidiaSmi),
    now: () => host.now(),
    store(job, series) {
      try {
        saveJobMemory(database, job, series);
      } catch (error) {
        host.log.error('The memory series of a job could not be stored.', { job, error: toWire(error).message });
      }
    },
    onEvent,
  });
}

function describe({ type, usedBytes, budgetBytes }: VramEvent): string {
  const found = `${(usedBytes / 2 ** 30).toFixed(1)} of ${(budgetBytes / 2 ** 30).toFixed(1)} GiB`;
  switch (type) {
    case 'alert':
      return `The card's memory is at 90 % of its budget or above (${found}). Nothing new starts until it falls below 85 %.`;
    case 'cleared':
      return `The card's memory is below 85 % of its budget again (${found}).`;
    case 'over-budget':
      return `The card's memory is above its budget (${found}). The job stops and resumes from its last checkpoint when there is room.`;
  }
}
