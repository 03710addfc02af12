/** Jobs that a worker of a test can do: one function that does as it is told, well or badly. */
import { AppError } from '#base/errors';
import type { AnyJob, JobContext } from '#compute/job';

export type Order =
  | { readonly do: 'echo'; readonly value: unknown }
  | { readonly do: 'environment' }
  | { readonly do: 'print'; readonly out: string; readonly err: string }
  | { readonly do: 'report'; readonly steps: number }
  /** Ends one epoch after the other, as fast as it can. */
  | { readonly do: 'learn'; readonly epochs: number }
  | { readonly do: 'exit'; readonly code: number }
  | { readonly do: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly do: 'exhaust-memory' }
  /** Takes memory outside V8's heap, without end. */
  | { readonly do: 'hoard' }
  | { readonly do: 'fail'; readonly how: 'typed' | 'plain' | 'not-cloneable' }
  | { readonly do: 'spin' }
  /** Says that it holds bytes on the card, and waits. */
  | { readonly do: 'hold-vram'; readonly bytes: number }
  | { readonly do: 'wait'; readonly how: 'obedient' | 'deaf' | 'native' }
  /**
   * Adds up pseudo-random numbers; `crashAt` kills the process once, at that step of the first attempt, `crashEvery` in
   * every attempt, so many steps after its checkpoint.
   */
  | {
      readonly do: 'sum';
      readonly steps: number;
      readonly seed: number;
      readonly crashAt?: number;
      readonly crashEvery?: number;
    };

export interface SumState {
  readonly step: number;
  readonly seed: number;
  readonly sum: number;
  readonly trace: Float64Array;
}

async function act(order: Order, context: JobContext): Promise<unknown> {
  switch (order.do) {
    case 'echo':
      return order.value;
    case 'environment':
      return process.env;
    case 'print':
      process.stdout.write(`${order.out}\n`);
      process.stderr.write(`${order.err}\n`);
      return null;
    case 'report':
      for (let step = 1; step <= order.steps; step++)
        context.emit({ stage: 'report', detail: '', step, of: order.steps });
      context.log('info', 'reported');
      return order.steps;
    case 'learn':
      for (let epoch = 1; epoch <= order.epochs; epoch++) {
        const numbers = { loss: 1 / epoch, validationLoss: null, validationIc: null };
        const epochsEnded = [{ network: 'n', title: 'a network', epoch, ...numbers }];
        context.emit({ stage: 'train', detail: '', step: epoch, of: order.epochs, epochsEnded });
        await context.breathe();
      }
      return order.epochs;
    case 'exit':
      return process.exit(order.code);
    case 'signal':
      process.kill(process.pid, order.signal);
      return new Promise(() => {});
    case 'exhaust-memory':
      return exhaustMemory();
    case 'hoard':
      return hoard();
    case 'fail':
      return fail(order.how);
    case 'spin':
      context.emit({ stage: 'spin', detail: '', step: 0, of: 1 });
      for (;;);
    case 'hold-vram':
      context.holdsVram(order.bytes);
      return wait('obedient', context);
    case 'wait':
      return wait(order.how, context);
    case 'sum':
      return sum(order, context);
  }
}

function exhaustMemory(): never {
  const hoard: number[][] = [];
  for (;;) hoard.push(new Array(1e6).fill(hoard.length));
}

async function hoard(): Promise<never> {
  const held: Buffer[] = [];
  for (;;) {
    held.push(Buffer.alloc(4 << 20, 1));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function fail(how: 'typed' | 'plain' | 'not-cloneable'): unknown {
  if (how === 'typed') throw new AppError('SINGULAR', 'Expected full rank; found 2 of 3.', { data: { rank: 2 } });
  if (how === 'plain') throw new Error('a bug');
  return () => 'functions cannot cross processes';
}

async function wait(how: 'obedient' | 'deaf' | 'native', context: JobContext): Promise<never> {
  context.emit({ stage: 'wait', detail: how, step: 0, of: 1 });
  if (how === 'native') await context.whilePending(new Promise(() => {}));
  for (;;) {
    if (how === 'obedient') await context.breathe();
    else {
      context.heartbeat();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

async function sum(
  { steps, seed, crashAt, crashEvery = Infinity }: Extract<Order, { do: 'sum' }>,
  context: JobContext,
): Promise<SumState> {
  const earlier = context.resumeFrom as SumState | undefined; // the shape that this function checkpoints
  let state: SumState = earlier ?? { step: 0, seed, sum: 0, trace: new Float64Array(4) };
  while (state.step < steps) {
    const next = (Math.imul(state.seed, 1664525) + 1013904223) >>> 0;
    const draw = Math.sin(next);
    const trace = state.trace.slice();
    trace[state.step % 4] += draw;
    state = { step: state.step + 1, seed: next, sum: state.sum + draw, trace };
    context.emit({ stage: 'sum', detail: '', step: state.step, of: steps });
    if (state.step % 10 === 0) context.checkpoint(state);
    const isCrash = state.step === crashAt && earlier === undefined;
    if (isCrash || state.step - (earlier?.step ?? 0) >= crashEvery) return await diesHere();
    const until = performance.now() + 2;
    while (performance.now() < until);
    await context.breathe();
  }
  return state;
}

/** Gives the channel time to carry what was posted before, then dies like a killed process. */
async function diesHere(): Promise<never> {
  await new Promise((resolve) => setImmediate(resolve));
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => {});
}

/** Finds the test job under every name, because the names are a closed list of the product's. */
export async function loadTestJob(): Promise<AnyJob> {
  return act;
}
