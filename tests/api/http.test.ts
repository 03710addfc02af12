import { readdirSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AppError } from '#base/errors';
import { recordingHandlers, HEALTHY, type Reached } from '../support/recording-handlers';
import { startApiHost } from '../support/api-host';

test('a call over HTTP reaches its handler with parsed input and answers JSON', async () => {
  const reached: Reached[] = [];
  const list = () => ({ datasets: [], total: 0 });
  await using host = await startApiHost(recordingHandlers(reached, { ...HEALTHY, 'datasets.list': list }));
  const response = await host.fetch('/api/v1/datasets?limit=7');
  expect(await response.json()).toEqual({ datasets: [], total: 0 });
  expect(reached).toMatchObject([{ operation: 'datasets.list', input: { limit: 7, offset: 0 } }]);
  expect(reached[0].context).toMatchObject({ actor: 'test', transport: 'http' });
  await expect(host.client.system.health({})).resolves.toMatchObject({ status: 'ok', store: 'ok', runningJobs: 0 });
});

test('an unknown field is refused by name with what was expected', async () => {
  await using host = await startApiHost(recordingHandlers([]));
  const response = await host.fetch('/api/v1/datasets?limt=7');
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toEqual({
    type: 'urn:sextant:error:BAD_REQUEST',
    title: 'The request is not well formed',
    status: 400,
    code: 'BAD_REQUEST',
    requestId: response.headers.get('x-request-id'),
    detail: 'limt: Expected one of limit, offset, found the unknown name "limt". Did you mean "limit"?',
    data: {
      problems: [
        {
          path: 'limt',
          message: 'Expected one of limit, offset, found the unknown name "limt". Did you mean "limit"?',
        },
      ],
    },
  });
});

test('an error keeps its code, message and data on the way to the client', async () => {
  const data = { name: 'sp500', used: 3 };
  const remove = () => {
    throw new AppError('CONFLICT', 'Expected a dataset without runs, found 3.', { data });
  };
  await using host = await startApiHost(recordingHandlers([], { 'datasets.remove': remove }));
  const error: unknown = await host.client.datasets.remove({ dataset: 'sp500' }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code: 'CONFLICT', message: 'Expected a dataset without runs, found 3.', data });
  expect((await host.fetch('/api/v1/datasets/sp500', { method: 'DELETE' })).status).toBe(409);
});

test('a host that is gone is UNAVAILABLE with its address', async () => {
  const host = await startApiHost(recordingHandlers([]));
  await host[Symbol.asyncDispose]();
  await expect(host.client.system.health({})).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining(host.server.url),
  });
});

test('an upload is streamed to a private file, handed over and removed', async () => {
  const seen: { name: string; size: number; mode: number; text: string }[] = [];
  await using host = await startApiHost(
    recordingHandlers([], {
      'datasets.upload': async ({ file }: { file: File }) => {
        const [stored] = readdirSync(host.uploadDir);
        const mode = statSync(`${host.uploadDir}/${stored}`).mode & 0o777;
        seen.push({ name: file.name, size: file.size, mode, text: (await file.text()).slice(0, 20) });
        return { path: '/x', name: file.name, bytes: file.size };
      },
    }),
  );
  const text = `date,close\n${'2020-01-02,1.5\r\n--boundary\r\n'.repeat(100_000)}`;
  const answer = await host.client.datasets.upload({ file: new File([text], 'prices.csv', { type: 'text/csv' }) });
  expect(answer).toEqual({ path: '/x', name: 'prices.csv', bytes: text.length });
  expect(seen).toEqual([{ name: 'prices.csv', size: text.length, mode: 0o600, text: text.slice(0, 20) }]);
  expect(readdirSync(host.uploadDir)).toEqual([]);
});

test('an upload of anything but one file is refused and leaves nothing behind', async () => {
  await using host = await startApiHost(recordingHandlers([]));
  const two = new FormData();
  two.set('file', new File(['a'], 'a.csv'));
  two.set('other', new File(['b'], 'b.csv'));
  const text = new FormData();
  text.set('file', 'not a file');
  for (const body of [two, text]) {
    const response = await host.fetch('/api/v1/datasets/upload', { method: 'POST', body });
    expect(response.status).toBe(400);
  }
  const json = await host.fetch('/api/v1/datasets/upload', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"file":"x"}',
  });
  expect(json.status).toBe(400);
  expect(readdirSync(host.uploadDir)).toEqual([]);
});

test('a body over the limit is refused before it is read, announced or not', async () => {
  const reached: Reached[] = [];
  await using host = await startApiHost(recordingHandlers(reached));
  const body = JSON.stringify({ text: 'x'.repeat(1_100_000) });
  const headers = { 'content-type': 'application/json' };
  const announced = await host.fetch('/api/v1/runs/validate', { method: 'POST', headers, body });
  expect(announced.status).toBe(413);
  const stream = new Blob([body]).stream();
  const init = { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit; // `duplex` is missing in the types
  const chunked = await host.fetch('/api/v1/runs/validate', init).catch(() => undefined);
  expect(chunked === undefined || chunked.status === 413).toBe(true);
  expect(reached).toEqual([]);
});

test('malformed JSON, deep JSON and other content types are refused in words', async () => {
  await using host = await startApiHost(recordingHandlers([]));
  const post = async (body: string, type = 'application/json') => {
    const headers = { 'content-type': type };
    const response = await host.fetch('/api/v1/runs/validate', { method: 'POST', headers, body });
    const problem = (await response.json()) as { detail: string }; // the shape is the point of other tests
    return `${response.status} ${problem.detail}`;
  };
  expect(await post('{"text": ')).toMatch(/^400 Expected a body in JSON, found a syntax error/);
  expect(await post('['.repeat(200_000))).toMatch(/^400 Expected JSON nested at most 64 deep/);
  expect(await post('{"text":"x"}', 'text/plain')).toMatch(/^400 Expected the content type application\/json/);
  expect(await post('text=x', 'application/x-www-form-urlencoded')).toMatch(/^400 Expected the content type/);
  expect(await post('null')).toMatch(/^400 Expected an object, found null/);
});
