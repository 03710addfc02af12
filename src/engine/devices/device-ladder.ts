/** Probes every rung of the device ladder in a process of its own, under the lease of the card, and remembers the answer. */
import { AppError } from '#base/errors';
import { deviceLadderSchema, type DeviceLadder } from '#contract/devices';
import type { Queue } from '../jobs/queue';
import type { VramMonitor } from './vram-monitor';

const HOLDER = 'the probe of devices';
const DEADLINE_MS = 60_000;

export interface DeviceLadderOptions {
  readonly queue: Pick<Queue, 'runOnce'>;
  readonly card: Pick<VramMonitor, 'hold' | 'release'>;
}

/** Reads the ladder; `again` measures anew. Errors: UNAVAILABLE while a job holds the card and nothing is remembered, WORKER_CRASHED. */
export function createDeviceLadder({ queue, card }: DeviceLadderOptions) {
  let known: DeviceLadder | null = null;
  let pending: Promise<DeviceLadder> | null = null;

  async function measure(): Promise<DeviceLadder> {
    const refusal = card.hold(HOLDER);
    if (refusal !== null) {
      if (known !== null) return known;
      throw new AppError('UNAVAILABLE', `Expected a free card to probe. ${refusal} Ask again when the job has ended.`);
    }
    try {
      known = deviceLadderSchema.parse(await queue.runOnce('probe-devices', {}, { deadlineMs: DEADLINE_MS }));
      return known;
    } finally {
      card.release(HOLDER);
    }
  }

  return (again: boolean): Promise<DeviceLadder> => {
    if (known !== null && !again) return Promise.resolve(known);
    // Two who ask at once share one probe.
    return (pending ??= measure().finally(() => {
      pending = null;
    }));
  };
}
