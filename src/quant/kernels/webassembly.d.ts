/** The part of WebAssembly that the kernels use: neither Node's types nor ours without the DOM have it. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: true });
    /** A SharedArrayBuffer where the memory is shared; views are made of either alike. */
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
}
/** An AssemblyScript file, compiled by scripts/assemblyscript-plugin.ts. */
declare module '*.as.ts?compiled' {
  export const bytes: Uint8Array<ArrayBuffer>;
}
/** The same over an imported, shared memory. */
declare module '*.as.ts?compiled=relaxed' {
  export const bytes: Uint8Array<ArrayBuffer>;
}
declare module '*.as.ts?compiled=strict' {
  export const bytes: Uint8Array<ArrayBuffer>;
}
/** A script for `new Worker(source, { eval: true })`, bundled by scripts/thread-source-plugin.ts. */
declare module '*.ts?thread-source' {
  export const source: string;
}
