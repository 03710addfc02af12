/**
 * A compute kernel as data: WGSL text, what it binds and under which name. Declarations and the explicit bind group layout are
 * both made from the bindings, so that they cannot disagree; a binding that a variant does not use is still allowed.
 */

export interface Binding {
  /** Name in the shader and of the buffer that a session puts there. */
  readonly name: string;
  readonly access: 'read' | 'read_write' | 'uniform';
  /** WGSL type of the whole binding: `array<vec4f>`. */
  readonly type: string;
}

export interface Kernel {
  readonly label: string;
  readonly bindings: readonly Binding[];
  /** Without the declarations of its bindings; the entry point is `main`. */
  readonly body: string;
}

export const read = (name: string, type: string): Binding => ({ name, access: 'read', type });
export const readWrite = (name: string, type: string): Binding => ({ name, access: 'read_write', type });
export const uniform = (name: string, type: string): Binding => ({ name, access: 'uniform', type });

export function wgslOf({ bindings, body }: Kernel): string {
  const declarations = bindings.map(({ name, access, type }, at) => {
    const space = access === 'uniform' ? 'uniform' : `storage, ${access}`;
    return `@group(0) @binding(${at}) var<${space}> ${name}: ${type};`;
  });
  return `${declarations.join('\n')}\n${body}`;
}

/** Stages are compute; the numeric value is `GPUShaderStage.COMPUTE`, which Node has no global for. */
const COMPUTE_STAGE = 4;

export interface CompiledKernel {
  readonly kernel: Kernel;
  readonly layout: GPUBindGroupLayout;
  readonly pipeline: GPUComputePipeline;
}

/** Compiles each text once per device, however many sessions ask for it. */
export class KernelCache {
  readonly #device: GPUDevice;
  readonly #compiled = new Map<string, CompiledKernel>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  compile(kernel: Kernel): CompiledKernel {
    const code = wgslOf(kernel);
    const known = this.#compiled.get(code);
    if (known !== undefined) return known;
    const { label } = kernel;
    const layout = this.#device.createBindGroupLayout({
      label,
      entries: kernel.bindings.map(({ access }, binding) => ({
        binding,
        visibility: COMPUTE_STAGE,
        buffer: { type: BUFFER_TYPES[access] },
      })),
    });
    const pipeline = this.#device.createComputePipeline({
      label,
      layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: this.#device.createShaderModule({ label, code }), entryPoint: 'main' },
    });
    const compiled = { kernel, layout, pipeline };
    this.#compiled.set(code, compiled);
    return compiled;
  }
}

const BUFFER_TYPES = { read: 'read-only-storage', read_write: 'storage', uniform: 'uniform' } as const;
