/**
 * What every rung of the device ladder can do here: each is tried, and what works is measured for about a second. A rung that fails
 * says why; it never takes the others with it.
 */
import { toWire } from '#base/errors';
import type { DeviceLadder, DeviceRung, DeviceRungState } from '#contract/devices';
import type { JobContext } from '../job';

/** Best first. A rung's code, and with it its driver, is loaded only when its turn has come. */
const RUNGS: readonly (readonly [DeviceRung, () => Promise<{ probe(): Promise<DeviceRungState> }>])[] = [
  ['webgpu', () => import('../devices/webgpu')],
  ['tfjs-node-gpu', () => import('../devices/tfjs-node-gpu')],
  ['wasm', () => import('../devices/wasm')],
  ['onnxruntime-node', () => import('../devices/onnxruntime-node')],
];

export async function run(_input: unknown, context: JobContext): Promise<DeviceLadder> {
  const rungs: DeviceRungState[] = [];
  for (const [step, [rung, load]] of RUNGS.entries()) {
    context.emit({ stage: 'probe', detail: rung, step, of: RUNGS.length });
    rungs.push(await context.whilePending(tryRung(rung, load)));
  }
  context.emit({ stage: 'probe', detail: '', step: RUNGS.length, of: RUNGS.length });
  return { rungs };
}

async function tryRung(rung: DeviceRung, load: (typeof RUNGS)[number][1]): Promise<DeviceRungState> {
  try {
    const { probe } = await load();
    return await probe();
  } catch (error) {
    const reason = `The probe failed: ${toWire(error).message}`;
    return { rung, title: rung, status: 'unavailable', reason, adapter: null, limits: {}, probe: null };
  }
}
