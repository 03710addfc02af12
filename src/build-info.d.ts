/** Replaced by text at build time (electron.vite.config.ts, vitest.config.ts). Only `engine/build-info.ts` reads them. */
declare const __SEXTANT_VERSION__: string;
declare const __SEXTANT_GIT_COMMIT__: string | null;
declare const __SEXTANT_LOCK_HASH__: string;
