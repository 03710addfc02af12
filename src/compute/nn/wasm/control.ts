/**
 * The words at the bottom of a session's memory through which its threads agree on work, and the order that stands there.
 * An order is written before its tasks are opened, so that whoever takes a task reads the order that it belongs to.
 */

/** Where the words begin: above the kernels' tables. */
export const CONTROL_BYTES = 1024;
/** First byte after them. */
export const FIRST_FREE_BYTE = 1536;

/** Indices of the words. */
export const WORD = {
  /** Grows with every order; threads sleep on it. */
  generation: 0,
  nextTask: 1,
  tasks: 2,
  /** Tasks that are finished; the main thread sleeps on it. */
  done: 3,
  /** 1 = threads end. */
  stop: 4,
  /** Tasks that threw. */
  failed: 5,
} as const;
const FIRST_ORDER_WORD = 16;
const FIRST_ORDER_DOUBLE = 24;

/** What a round of tasks computes. */
export interface Order {
  /** `forward`: predictions only; `train`: gradients from ∂loss/∂prediction; `pointwise`: gradients of a loss that is a sum over rows. */
  kind: 'forward' | 'train' | 'pointwise';
  rows: number;
  steps: number;
  /** First step with a prediction. */
  from: number;
  /** 1 = with dropout. */
  dropout: number;
  /** Rows since the last update, and updates so far: counters of dropout. */
  firstRow: number;
  step: number;
  seed: number;
  /** Of a pointwise loss. */
  delta: number;
  scale: number;
}

const KINDS = ['forward', 'train', 'pointwise'] as const;
const INTEGERS = ['rows', 'steps', 'from', 'dropout', 'firstRow', 'step', 'seed'] as const;

/** Both ends of the words. */
export class Control {
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;

  constructor(memory: WebAssembly.Memory) {
    this.#words = new Int32Array(memory.buffer, CONTROL_BYTES, 64);
    this.#doubles = new Float64Array(memory.buffer, CONTROL_BYTES, 64);
  }

  /** Opens a round of tasks and wakes the threads. */
  publish(order: Order, tasks: number): void {
    const words = this.#words;
    words[FIRST_ORDER_WORD] = KINDS.indexOf(order.kind);
    for (let k = 0; k < INTEGERS.length; k++) words[FIRST_ORDER_WORD + 1 + k] = order[INTEGERS[k]];
    this.#doubles[FIRST_ORDER_DOUBLE] = order.delta;
    this.#doubles[FIRST_ORDER_DOUBLE + 1] = order.scale;
    Atomics.store(words, WORD.failed, 0);
    Atomics.store(words, WORD.done, 0);
    Atomics.store(words, WORD.tasks, tasks);
    Atomics.store(words, WORD.nextTask, 0);
    Atomics.add(words, WORD.generation, 1);
    Atomics.notify(words, WORD.generation);
  }

  /** Copies the order that stands there into `order`. */
  readOrder(order: Order): void {
    const words = this.#words;
    order.kind = KINDS[words[FIRST_ORDER_WORD]];
    for (let k = 0; k < INTEGERS.length; k++) order[INTEGERS[k]] = words[FIRST_ORDER_WORD + 1 + k];
    order.delta = this.#doubles[FIRST_ORDER_DOUBLE];
    order.scale = this.#doubles[FIRST_ORDER_DOUBLE + 1];
  }

  /** The next task of the round, or −1. */
  takeTask(): number {
    if (Atomics.load(this.#words, WORD.nextTask) >= Atomics.load(this.#words, WORD.tasks)) return -1;
    const task = Atomics.add(this.#words, WORD.nextTask, 1);
    return task < Atomics.load(this.#words, WORD.tasks) ? task : -1;
  }

  finishTask(): void {
    Atomics.add(this.#words, WORD.done, 1);
    Atomics.notify(this.#words, WORD.done);
  }

  failTask(): void {
    Atomics.add(this.#words, WORD.failed, 1);
    this.finishTask();
  }

  get isDone(): boolean {
    return Atomics.load(this.#words, WORD.done) >= Atomics.load(this.#words, WORD.tasks);
  }

  get finished(): number {
    return Atomics.load(this.#words, WORD.done);
  }

  get failed(): number {
    return Atomics.load(this.#words, WORD.failed);
  }

  /** Sleeps until a task is finished, `limitMs` at most. */
  waitForTask(seen: number, limitMs: number): void {
    Atomics.wait(this.#words, WORD.done, seen, limitMs);
  }

  get generation(): number {
    return Atomics.load(this.#words, WORD.generation);
  }

  /** Sleeps until there is another order than `seen`, `limitMs` at most; false where the thread should end. */
  waitForOrder(seen: number, limitMs: number): boolean {
    if (Atomics.load(this.#words, WORD.stop) === 1) return false;
    Atomics.wait(this.#words, WORD.generation, seen, limitMs);
    return Atomics.load(this.#words, WORD.stop) !== 1;
  }

  stop(): void {
    Atomics.store(this.#words, WORD.stop, 1);
    Atomics.add(this.#words, WORD.generation, 1);
    Atomics.notify(this.#words, WORD.generation);
  }
}

export function emptyOrder(): Order {
  return {
    kind: 'forward',
    rows: 0,
    steps: 0,
    from: 0,
    dropout: 0,
    firstRow: 0,
    step: 0,
    seed: 0,
    delta: 0,
    scale: 0,
  };
}
