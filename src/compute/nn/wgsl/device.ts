/**
 * A GPUDevice as the engine uses it, wherever it came from (Chromium's or Dawn's): chosen openly, with the adapter's own limits, and
 * with one answer to "does it still work?". A software adapter is never taken unless asked for.
 */
import { AppError } from '#base/errors';
import type { DeviceAdapter } from '#contract/devices';
import { KernelCache } from './kernel';

export interface AdapterChoice {
  /** Take an adapter that is a program (SwiftShader, Lavapipe, Dawn's null backend): for tests. */
  readonly software?: boolean;
  /** As told by the caller where the adapter does not say it. */
  readonly backend?: string;
}

/** Limits that the engine needs more of than WebGPU promises. */
const WANTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxStorageBuffersPerShaderStage',
] as const;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|null-backend|warp/i;

/** What an adapter says of itself. */
export function describeAdapter({ info }: GPUAdapter, backend = ''): DeviceAdapter {
  const name = [info.description, info.device, info.architecture, info.vendor].find((text) => text !== '') ?? 'WebGPU';
  const isSoftware = info.isFallbackAdapter || SOFTWARE.test(`${name} ${info.device} ${info.architecture}`);
  return { name, vendor: info.vendor, architecture: info.architecture, backend, isSoftware };
}

/**
 * The adapter and its device. Errors: DEVICE_UNAVAILABLE with `data.reason` `no-adapter`, `software-adapter` or `no-device`.
 * @param missing what the provider knows about why there may be no adapter
 */
export async function requestDevice(gpu: GPU, choice: AdapterChoice, missing: string): Promise<WgslDevice> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) {
    throw unavailable('no-adapter', `Expected a graphics card that WebGPU can drive, found none. ${missing}`);
  }
  const described = describeAdapter(adapter, choice.backend);
  if (described.isSoftware && choice.software !== true) {
    throw unavailable(
      'software-adapter',
      `Expected a graphics card, found only the software adapter "${described.name}". Choose the wasm engine; ` +
        'a software adapter is used only where it is asked for.',
    );
  }
  const requiredLimits = Object.fromEntries(WANTED_LIMITS.map((name) => [name, adapter.limits[name]]));
  const device = await adapter.requestDevice({ label: 'Sextant', requiredLimits }).catch((cause: unknown) => {
    throw unavailable('no-device', `Expected "${described.name}" to open; ${String(cause)}.`, cause);
  });
  return new WgslDevice(device, described);
}

export class WgslDevice {
  readonly device: GPUDevice;
  readonly adapter: DeviceAdapter;
  readonly kernels: KernelCache;
  #failure: AppError | null = null;
  readonly #lost = Promise.withResolvers<never>();

  constructor(device: GPUDevice, adapter: DeviceAdapter) {
    this.device = device;
    this.adapter = adapter;
    this.kernels = new KernelCache(device);
    this.#lost.promise.catch(() => {}); // nobody may be waiting
    device.addEventListener('uncapturederror', (event) => this.#fail(fromGpuError(event.error)));
    void device.lost.then(({ reason, message }) => {
      this.#fail(lostError(reason, message));
      if (this.#failure !== null) this.#lost.reject(this.#failure);
    });
  }

  /** Errors: WORKER_CRASHED where the device was lost, DEVICE_UNAVAILABLE where it ran out of memory. */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** Waits for the device, but no longer than it lives. */
  async whileAlive<T>(pending: Promise<T>): Promise<T> {
    try {
      const value = await Promise.race([pending, this.#lost.promise]);
      this.check();
      return value;
    } catch (error) {
      // A mapping that is aborted by the loss may be told before the loss itself.
      if (!(error instanceof AppError)) await Promise.race([this.#lost.promise, nextTurn()]);
      throw error;
    }
  }

  dispose(): void {
    this.device.destroy();
  }

  #fail(error: AppError): void {
    this.#failure ??= error;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
}

function unavailable(reason: string, message: string, cause?: unknown): AppError {
  return new AppError('DEVICE_UNAVAILABLE', message, { data: { reason }, cause });
}

function lostError(reason: string, message: string): AppError {
  return new AppError(
    'WORKER_CRASHED',
    `Expected the graphics device to go on; it was lost (${message || reason}). The run resumes from its last checkpoint.`,
    { data: { reason: 'device-lost', found: message || reason } },
  );
}

/** Out of memory by name: the class is a global in browsers only. */
function fromGpuError(error: GPUError): AppError {
  if (error.constructor.name === 'GPUOutOfMemoryError') {
    return unavailable(
      'out-of-memory',
      'Expected enough memory on the graphics card, found none left. Use smaller micro-batches.',
    );
  }
  return new AppError('INTERNAL', `The graphics device refused a command: ${error.message}`);
}
