/**
 * The engine in a real browser: the page and the worker as they are built, in Debian's Chromium with its software card, driven through
 * the port that a job uses. Small shapes; the whole suite runs under Dawn.
 */
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from '@playwright/test';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { remoteEngine, type GpuPort } from '#compute/nn/wgsl/remote-engine';
import type { FromGpuWorker } from '#compute/nn/wgsl/remote-messages';
import { GPU_WINDOW } from '#contract/gpu-window';
import { setSecurityHeaders } from '#engine/api/security-headers';
import type { Batch, NetworkEngine } from '#quant/nn/engine';
import type { Network } from '#quant/nn/network';
import { referenceEngine } from '#quant/nn/reference-engine';
import { relativeGap } from './measures';
import {
  gatNetwork,
  graphBatch,
  inputTable,
  lively,
  lstmNetwork,
  sessionOptions,
  sgdLike,
  windowBatch,
} from './small-problems';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CHROMIUM = process.env.SEXTANT_CHROMIUM ?? '/usr/bin/chromium';
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };
const TOLERANCE = 2e-5;

const browser = existsSync(CHROMIUM) ? await launch() : null;
const missing = browser === null ? `no ${CHROMIUM}` : await webGpuMissing(browser);
if (missing !== null) console.warn(`Skipped the engine in Chromium: ${missing}.`);
afterAll(() => browser?.close());

function launch(): Promise<Browser> {
  const args = ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
  return chromium.launch({ executablePath: CHROMIUM, args });
}

/** Asked on a page of this machine: WebGPU is there in secure contexts only. */
async function webGpuMissing(of: Browser): Promise<string | null> {
  const { server, url } = await serve(new Map([['/', { type: 'text/html', body: Buffer.from('<!doctype html>') }]]));
  const page = await of.newPage();
  try {
    await page.goto(url);
    const has = await page.evaluate('navigator.gpu ? navigator.gpu.requestAdapter().then((a) => a !== null) : false');
    return has === true ? null : 'this Chromium has no WebGPU adapter';
  } finally {
    await page.close();
    server.close();
  }
}

type Files = ReadonlyMap<string, { readonly type: string; readonly body: Buffer }>;

async function serve(files: Files): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    setSecurityHeaders(response);
    response.writeHead(file === undefined ? 404 : 200, { 'Content-Type': file?.type ?? 'text/plain' });
    response.end(file?.body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

/** The hidden window's page and worker, built as `electron.vite.config.ts` builds them. */
async function builtPage(): Promise<Files> {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const outDir = mkdtempSync(join(ROOT, '.cache', 'gpu-window-'));
  try {
    await build({
      configFile: false,
      root: join(ROOT, 'src/renderer'),
      logLevel: 'error',
      worker: { format: 'es' },
      build: {
        outDir,
        emptyOutDir: false,
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        rolldownOptions: { input: join(ROOT, 'src/renderer/gpu-window.html') },
      },
    });
    const names = globSync('**/*', { cwd: outDir }).filter((name) => statSync(join(outDir, name)).isFile());
    return new Map(
      names.map((name) => [
        `/${name}`,
        { type: TYPES[extname(name)] ?? 'text/plain', body: readFileSync(join(outDir, name)) },
      ]),
    );
  } finally {
    rmSync(outDir, { recursive: true });
  }
}

/** A port to the page's worker: the test stands where Electron's main process hands the two ends out. */
async function pagePort(page: Page): Promise<GpuPort> {
  let tell: (message: FromGpuWorker) => void = () => {};
  await page.exposeFunction('toTest', (message: FromGpuWorker) => tell(message));
  await page.evaluate(`{
    const { port1, port2 } = new MessageChannel();
    window.testPort = port1;
    port1.onmessage = ({ data }) => window.toTest(data);
    window.postMessage(${JSON.stringify(GPU_WINDOW.port)}, location.origin, [port2]);
  }`);
  const lost = Promise.withResolvers<string>();
  page.on('close', () => lost.resolve('the page was closed'));
  page.on('crash', () => lost.resolve('the page crashed'));
  return {
    post: (message) =>
      void page
        .evaluate(
          (sent) =>
            (globalThis as unknown as { testPort: { postMessage(message: unknown): void } }).testPort.postMessage(sent),
          message,
        )
        .catch(() => lost.resolve('the page does not answer')),
    onMessage: (listener) => (tell = listener),
    onClose: (listener) => void lost.promise.then(listener),
    close: () => {},
  };
}

describe.skipIf(missing !== null)(missing === null ? "in Chromium's worker" : `skipped: ${missing}`, () => {
  let page: Page;
  let server: Server;
  let engine: NetworkEngine;
  const problems: string[] = [];
  beforeAll(async () => {
    if (browser === null) return;
    const site = await serve(await builtPage());
    server = site.server;
    page = await browser.newPage();
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(`${site.url}gpu-window.html`);
    engine = await remoteEngine(await pagePort(page), { software: true });
  });
  afterAll(async () => {
    await page.close();
    server.close();
  });

  it.each<[string, Network, Batch]>([
    ['an LSTM on windows', lstmNetwork(), windowBatch(13, 7)],
    ['an LSTM of 16 units with layer norm', lstmNetwork({ hidden: 16, layerNorm: true }), windowBatch(6, 8)],
    ['two layers of graph attention', gatNetwork(), graphBatch(11, 3)],
  ])('answers and trains as the reference does: %s', async (_, network, batch) => {
    const table = inputTable(network.inputs);
    const [expected, found] = await Promise.all(
      [referenceEngine(), engine].map(async (by) => {
        const session = await by.open(network, table, sessionOptions());
        await session.write(lively(network));
        const answer = await session.gradients(batch, { id: 'mse' });
        await session.accumulate(batch, { id: 'mse' }, 1);
        await session.update({ ...sgdLike, epsilon: 1e-3 });
        const after = { state: await session.read(), measured: await session.measured() };
        session.dispose();
        return { ...answer, ...after };
      }),
    );
    expect(relativeGap(found.predictions, expected.predictions)).toBeLessThan(TOLERANCE);
    expect(relativeGap(found.gradients, expected.gradients)).toBeLessThan(TOLERANCE);
    expect(relativeGap(found.inputGradients, expected.inputGradients)).toBeLessThan(TOLERANCE);
    expect(relativeGap(found.state.parameters, expected.state.parameters)).toBeLessThan(TOLERANCE);
    expect(Math.abs(found.measured[0].loss - expected.measured[0].loss)).toBeLessThan(TOLERANCE);
    expect(found.state.step).toBe(1);
  });

  it('carries errors in their own words, and goes on', async () => {
    const network = lstmNetwork();
    const session = await engine.open(network, inputTable(network.inputs), sessionOptions());
    await expect(session.predict(graphBatch(5, 2))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(await session.predict(windowBatch(3, 4))).toHaveLength(3);
    session.dispose();
    expect(problems, 'the page threw, or broke its content policy').toEqual([]);
  });

  it('tells WORKER_CRASHED when the page goes', async () => {
    const network = lstmNetwork();
    const session = await engine.open(network, inputTable(network.inputs), sessionOptions());
    await page.close();
    await expect(session.read()).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
  });
});
