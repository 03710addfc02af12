/**
 * The WebGPU of a Node process: Dawn, from the optional package `webgpu`. For child processes only, since a driver that crashes takes its
 * process along. Electron's processes use Chromium's own WebGPU instead: Electron forbids the memory that the package hands out
 * (dawn-gpu/node-webgpu#5).
 */
import { AppError } from '#base/errors';
import { requestDevice, type AdapterChoice, type WgslDevice } from './device';

interface DawnModule {
  create(flags: string[]): GPU;
}

const BACKENDS: ReadonlyMap<string, string> = new Map([
  ['win32', 'D3D12'],
  ['darwin', 'Metal'],
]);

/** Dawn ends the process with a fault when this object is collected while its devices live: every one is kept. */
const kept: GPU[] = [];

export interface DawnChoice extends AdapterChoice {
  /** `backend=null`: runs no shader, for counting what is asked of it. */
  readonly flags?: readonly string[];
}

/** Errors: DEVICE_UNAVAILABLE with what is missing: the package, a driver, a card. */
export async function dawnDevice({ flags = [], ...choice }: DawnChoice = {}): Promise<WgslDevice> {
  return requestDevice(await dawn(flags), { backend: backendName(flags), ...choice }, missingDriver());
}

/** Dawn's own entry, kept for as long as the process lives. Errors: DEVICE_UNAVAILABLE. */
export async function dawn(flags: readonly string[] = []): Promise<GPU> {
  if (process.versions['electron'] !== undefined) {
    throw new AppError(
      'DEVICE_UNAVAILABLE',
      "Expected a Node process, found Electron's: there Chromium's own WebGPU drives the card.",
      { data: { reason: 'electron' } },
    );
  }
  const { create } = await loadDawn();
  const gpu = create([...flags]);
  kept.push(gpu);
  return gpu;
}

async function loadDawn(): Promise<DawnModule> {
  try {
    return (await import('webgpu')) as unknown as DawnModule; // the package's own types describe globals it does not set
  } catch (cause) {
    throw new AppError(
      'DEVICE_UNAVAILABLE',
      `Expected the optional package "webgpu" (Dawn) to load on ${process.platform} ${process.arch}, found: ${String(cause)}. ` +
        'Run `npm install --include=optional`, or choose the wasm engine.',
      { data: { reason: 'no-package' }, cause },
    );
  }
}

export function backendName(flags: readonly string[] = []): string {
  if (flags.includes('backend=null')) return 'null';
  return BACKENDS.get(process.platform) ?? 'Vulkan';
}

/** What to do where no card is found. */
export function missingDriver(): string {
  if (process.platform !== 'linux') return "Install the card maker's driver.";
  return "Install a Vulkan driver (`libvulkan1` and the card maker's, such as `nvidia-driver` or `mesa-vulkan-drivers`); `vulkaninfo` shows what is seen.";
}
