/**
 * A thread of the pool: sleeps until there is an order, takes tasks until there are none, sleeps again. It ends when it is told to;
 * the main thread ends it in any case. Bundled into one script by scripts/thread-source-plugin.ts.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Control, emptyOrder } from './control';
import { instantiate } from './kernel-exports';
import { LstmBlocks } from './lstm-blocks';
import { mapLstm } from './lstm-map';
import type { ThreadStart } from './thread-pool';

/** How long a thread sleeps before it looks again whether it should end. */
const NAP_MS = 1000;

const { module, memory, network, options, threads, thread, table } = workerData as ThreadStart; // the pool starts it with this
const control = new Control(memory);
const order = emptyOrder();
const map = mapLstm(network, options, threads, table);
const blocks = new LstmBlocks(instantiate(module, memory), network, map, thread, order);
let seen = 0;
parentPort?.postMessage('ready');

while (control.waitForOrder(seen, NAP_MS)) {
  seen = control.generation;
  for (let task = control.takeTask(); task >= 0; task = control.takeTask()) {
    control.readOrder(order);
    try {
      blocks.run(task);
      control.finishTask();
    } catch (error) {
      parentPort?.postMessage(error instanceof Error ? error.message : String(error));
      control.failTask();
    }
  }
}
