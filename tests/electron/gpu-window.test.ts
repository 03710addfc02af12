/** The hidden window of the graphics card: closed as the visible one is, opened when a job asks, told of its end in the job's words. */
import { EventEmitter } from 'node:events';
import { MessagePort } from 'node:worker_threads';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { MessagePortMain } from 'electron';
import { AppError, toWire, type WireError } from '#base/errors';
import { deviceRungStateSchema } from '#contract/devices';
import { GPU_WINDOW, type GpuWindowMessage } from '#contract/gpu-window';
import { probe } from '#compute/devices/webgpu';
import { remoteEngine, type GpuPort } from '#compute/nn/wgsl/remote-engine';
import type { FromGpuWorker, ToGpuWorker } from '#compute/nn/wgsl/remote-messages';
import { windowPort, type MainPort, type ParentChannel } from '#compute/nn/wgsl/window-port';
import { GPU_PAGE, GpuWindow, type GpuJob } from '#main/gpu-window';
import { utilityProcessLauncher } from '#main/utility-process-worker';
import { collectingLog } from '../support/collecting-log';
import { scratchFolder } from '../support/scratch';
import {
  app,
  BrowserWindow,
  leavePage,
  MessageChannelMain,
  recorded,
  resetElectron,
  settings,
} from './electron-stand-in';
import { runEntry, startTestDesktop, quitDesktop } from './start-desktop';

/** A job's process with both ends of its channel: what the main process sees, and `process.parentPort` inside. */
class JobProcess extends EventEmitter implements GpuJob {
  readonly parent = new EventEmitter();
  readonly told: GpuWindowMessage[] = [];
  onRequest: () => unknown = () => {};
  postMessage(message: GpuWindowMessage, transfer: MessagePortMain[] = []): void {
    this.told.push(message);
    this.parent.emit('message', { data: message, ports: transfer });
  }
  get channel(): ParentChannel {
    const { parent } = this;
    return {
      postMessage: (message) => {
        expect(message).toEqual({ type: GPU_WINDOW.request });
        this.onRequest();
      },
      on: (event: string, listener: (event: { data: unknown; ports: readonly MainPort[] }) => void) =>
        void parent.on(event, listener),
      off: (event: string, listener: (event: { data: unknown; ports: readonly MainPort[] }) => void) =>
        void parent.off(event, listener),
    };
  }
}

interface PageOptions {
  /** Trains as well: every question is answered. */
  readonly trains?: boolean;
  /** What `connect` is answered with instead. */
  readonly refusal?: WireError;
}

/** The page: takes every port and answers `connect` and `open`; everything else is left unanswered unless it trains. */
async function openPage({ trains = false, refusal }: PageOptions): Promise<void> {
  vi.stubGlobal('window', {
    location: { origin: 'app://sextant' },
    postMessage(data: unknown, origin: string, [port]: MessagePort[]) {
      expect({ data, origin }).toEqual({ data: GPU_WINDOW.port, origin: 'app://sextant' });
      port.on('message', ({ id, ask }: ToGpuWorker) => {
        const answer: FromGpuWorker = { id, answer: { device: 'a card', deterministic: true, sharedBytes: 16384 } };
        if (ask.do === 'connect' && refusal) port.postMessage({ id, error: refusal } satisfies FromGpuWorker);
        else if (trains || ask.do === 'connect' || ask.do === 'open' || ask.do === 'dispose') port.postMessage(answer);
      });
      onTestFinished(() => port.close());
    },
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  leavePage();
  await runEntry('src/preload/gpu-window.ts');
}

async function start({ idleMs = 5, ...page }: PageOptions & { readonly idleMs?: number } = {}) {
  resetElectron(scratchFolder());
  await openPage(page);
  const log = collectingLog();
  const gpuWindow = new GpuWindow({
    create: (options) => new BrowserWindow(options) as never,
    newChannel: () => new MessageChannelMain() as never,
    preload: '/built/preload/gpu-window.cjs',
    log,
    idleMs,
  });
  onTestFinished(() => gpuWindow.close());
  const newJob = (): JobProcess => {
    const job = new JobProcess();
    job.onRequest = () => gpuWindow.connect(job);
    return job;
  };
  return { gpuWindow, newJob, log };
}

const network = { kind: 'lstm', inputs: 1, hidden: 2, layers: 1, dropout: 0, layerNorm: false } as const;
const table = { values: new Float32Array(4), series: 1, days: 4, inputs: 1 };
const options = { seed: 1, largest: { rows: 1, steps: 1 }, checkpointEvery: 0, precision: 'f32' } as const;

it('opens nothing before a job asks, and then one closed window for all jobs', async () => {
  const { newJob } = await start();
  expect(recorded.windows).toHaveLength(0);
  const ports: GpuPort[] = [await windowPort(newJob().channel), await windowPort(newJob().channel)];
  expect(recorded.windows).toHaveLength(1);
  const [window] = recorded.windows;
  expect(window.loaded).toEqual([GPU_PAGE]);
  expect(window.options).toMatchObject({
    show: false,
    webPreferences: {
      preload: '/built/preload/gpu-window.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      experimentalFeatures: false,
      webviewTag: false,
      backgroundThrottling: false,
    },
  });
  let isPrevented = false;
  window.webContents.emit('will-frame-navigate', { url: GPU_PAGE, preventDefault: () => (isPrevented = true) });
  expect(isPrevented).toBe(true);
  for (const port of ports) port.close();
});

it('carries an engine from the job to the page and back', async () => {
  const { newJob } = await start();
  const engine = await remoteEngine(await windowPort(newJob().channel), { software: false });
  expect(engine).toMatchObject({ id: 'wgsl', device: 'a card', deterministic: true });
  expect(engine.plan(network, options, table).total).toBeGreaterThan(0);
  await engine.dispose();
});

it('tells its jobs WORKER_CRASHED when the page process dies, and opens anew for the next', async () => {
  const { newJob, log } = await start();
  const engine = await remoteEngine(await windowPort(newJob().channel), { software: false });
  const session = await engine.open(network, table, options);
  const pending = session.read();
  recorded.windows[0].webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
  await expect(pending).rejects.toMatchObject({ code: 'WORKER_CRASHED', data: { found: 'crashed, code 5' } });
  await expect(engine.open(network, table, options)).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
  expect(recorded.windows[0].calls).toContain('destroy');
  expect(log.lines.map(({ message }) => message)).toContain('The window that drives the graphics card is gone.');
  const next = await windowPort(newJob().channel);
  expect(recorded.windows).toHaveLength(2);
  next.close();
  await engine.dispose();
});

it('tells the job when the page does not load', async () => {
  const { newJob } = await start();
  settings.loadError = new Error('ERR_FAILED');
  await expect(windowPort(newJob().channel)).rejects.toMatchObject({
    code: 'WORKER_CRASHED',
    message: expect.stringContaining('ERR_FAILED'),
  });
  settings.loadError = null;
});

it('shows the card of the window in the device report, measured by a step through it', async () => {
  const { newJob } = await start({ trains: true });
  const state = await probe(false, newJob().channel);
  expect(deviceRungStateSchema.parse(state)).toMatchObject({
    status: 'works',
    reason: null,
    adapter: { name: 'a card' },
  });
  expect(state.probe?.lstmStepMs).toBeGreaterThan(0);
});

it('says in the device report why the window has no card', async () => {
  const reason = 'Expected a graphics card that WebGPU can drive, found none.';
  const { newJob } = await start({ refusal: toWire(new AppError('DEVICE_UNAVAILABLE', reason)) });
  expect(await probe(false, newJob().channel)).toMatchObject({ status: 'unavailable', reason, probe: null });
  const { newJob: another } = await start();
  settings.loadError = new Error('ERR_FAILED');
  expect((await probe(false, another().channel)).reason).toContain('ERR_FAILED');
  settings.loadError = null;
});

it('closes a while after its last job, not before', async () => {
  const { newJob } = await start();
  const [first, second] = [newJob(), newJob()];
  const ports = [await windowPort(first.channel), await windowPort(second.channel)];
  const closed = new Promise((resolve) => recorded.windows[0].once('closed', resolve));
  first.emit('exit');
  expect(recorded.windows[0].isDestroyed()).toBe(false);
  second.emit('exit');
  await closed;
  expect(second.told).toEqual([{ type: GPU_WINDOW.port }]);
  for (const port of ports) port.close();
});

it('keeps the window for a job that comes within that while', async () => {
  const { newJob, gpuWindow } = await start({ idleMs: 60_000 });
  const first = newJob();
  const ports = [await windowPort(first.channel)];
  first.emit('exit');
  ports.push(await windowPort(newJob().channel));
  expect(recorded.windows).toHaveLength(1);
  gpuWindow.close();
  expect(recorded.windows[0].isDestroyed()).toBe(true);
  for (const port of ports) port.close();
});

it('is asked by the message of a process, which does not reach the engine', async () => {
  const child = Object.assign(new EventEmitter(), { stdout: null, stderr: null, pid: 1, postMessage: () => {} });
  const asked: unknown[] = [];
  const launch = utilityProcessLauncher({
    app: app as never,
    fork: () => child as never,
    entry: 'worker.js',
    log: collectingLog(),
    onGpuRequest: (from) => asked.push(from),
  });
  const messages: unknown[] = [];
  launch().onMessage((message) => messages.push(message));
  child.emit('message', { type: GPU_WINDOW.request });
  child.emit('message', { type: 'ready' });
  expect(asked).toEqual([child]);
  expect(messages).toEqual([{ type: 'ready' }]);
});

it('ends the program with the visible window, whatever else is open', async () => {
  const { window } = await startTestDesktop();
  const ended = new Promise((resolve) => app.once('quit', resolve));
  window.emit('closed');
  await ended;
  expect(recorded.quits).toBe(1);
  await quitDesktop();
});
