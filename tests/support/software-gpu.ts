/**
 * The software graphics card that comes with Debian's Chromium (SwiftShader behind its Vulkan loader), for tests of WebGPU in Node.
 * A loader looks for its library when the process starts, so `vitest.config.ts` puts these words into the environment of every test.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = process.env.SEXTANT_SWIFTSHADER ?? '/usr/lib/chromium';
const FILES = ['vk_swiftshader_icd.json', 'libvk_swiftshader.so', 'libvulkan.so.1'];

/** Why there is none, or null where it is there. */
export function softwareGpuMissing(): string | null {
  const missing = FILES.find((file) => !existsSync(join(FOLDER, file)));
  return missing === undefined ? null : `no ${join(FOLDER, missing)} (Debian's chromium brings it)`;
}

export function softwareGpuEnvironment(): Record<string, string> {
  if (softwareGpuMissing() !== null) return {};
  return { VK_ICD_FILENAMES: join(FOLDER, FILES[0]), LD_LIBRARY_PATH: FOLDER };
}
