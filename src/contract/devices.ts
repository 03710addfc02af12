/**
 * What each rung of the device ladder can do on this machine: whether it works, why not, and what a short probe measured.
 * Answered by the job `probe-devices`; nothing here is guessed from a model name.
 */
import { z } from 'zod';

/** From the most to the least wanted: WebGPU, CUDA through TensorFlow, the processor; and ONNX Runtime, which forecasts and does not train. */
export const deviceRungSchema = z.enum(['webgpu', 'tfjs-node-gpu', 'wasm', 'onnxruntime-node']);
export type DeviceRung = z.infer<typeof deviceRungSchema>;

export const deviceAdapterSchema = z
  .object({
    name: z.string(),
    vendor: z.string(),
    architecture: z.string(),
    /** Vulkan, D3D12, Metal, null; empty where the browser does not tell. */
    backend: z.string(),
    isSoftware: z.boolean().meta({ description: 'True for an adapter that is a program, such as SwiftShader.' }),
  })
  .meta({ id: 'DeviceAdapter' });
export type DeviceAdapter = z.infer<typeof deviceAdapterSchema>;

export const deviceProbeSchema = z
  .object({
    matmulGflops: z.number().nullable().meta({ unit: 'GF/s', description: 'float32, square.' }),
    lstmStepMs: z.number().nullable().meta({ unit: 'ms', description: 'One training step of the probe network.' }),
    lstmStep: z.string().meta({ description: 'Its size in words; shrunk on slow devices.' }),
    copyGBs: z.number().nullable().meta({ unit: 'GB/s', description: 'Read and written bytes, counted once each.' }),
    seconds: z.number().meta({ unit: 's', description: 'What the probe took.' }),
  })
  .meta({ id: 'DeviceProbe' });
export type DeviceProbe = z.infer<typeof deviceProbeSchema>;

export const deviceRungStateSchema = z
  .object({
    rung: deviceRungSchema,
    title: z.string(),
    status: z.enum(['works', 'unavailable']),
    reason: z.string().nullable().meta({ description: 'What is missing and what to do; null where it works.' }),
    adapter: deviceAdapterSchema.nullable(),
    limits: z
      .record(z.string(), z.number())
      .meta({ description: 'maxBufferSize, maxStorageBufferBindingSize, threads, …; bytes where a size.' }),
    probe: deviceProbeSchema.nullable(),
  })
  .meta({ id: 'DeviceRungState' });
export type DeviceRungState = z.infer<typeof deviceRungStateSchema>;

export const deviceLadderSchema = z
  .object({ rungs: z.array(deviceRungStateSchema) })
  .meta({ id: 'DeviceLadder', description: 'Every rung, best first.' });
export type DeviceLadder = z.infer<typeof deviceLadderSchema>;
