/** Encrypted objects at the size of a large dataset: 90 MB written (hash, cipher, fsync) and read back (verified). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openObjectStore } from '#engine/store/object-store';
import { bench } from '../harness';

const folder = mkdtempSync(join(tmpdir(), 'sextant-bench-'));
const store = openObjectStore(folder, new Uint8Array(32).fill(1));
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();

const panel = new Float64Array(90e6 / 8).map((_, i) => i * 0.5);
let round = 0;
let last = '';

/** Another first number every time: equal content is stored once. */
async function write(): Promise<void> {
  panel[0] = ++round;
  last = (await store.putObject([panel])).hash;
}

await bench({ job: 'object store: write 90 MB', goalMs: 700 }, [{ name: 'sextant', run: write }]);
await bench({ job: 'object store: read 90 MB', goalMs: 400 }, [{ name: 'sextant', run: () => store.getObject(last) }]);
delay.disable();
console.log(`object store: event loop p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, goal 50 ms`);
rmSync(folder, { recursive: true });
