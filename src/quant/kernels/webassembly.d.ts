/** The part of WebAssembly that the kernels use: neither Node's types nor ours without the DOM have it. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
}
/** An AssemblyScript file, compiled by scripts/assemblyscript-plugin.ts. */
declare module '*.as.ts?compiled' {
  export const bytes: Uint8Array<ArrayBuffer>;
}
