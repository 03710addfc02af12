import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toWire } from '#base/errors';
import { receiveFile } from '#engine/api/multipart';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'sextant-multipart-'));
const LIMIT = 5_000;
const BOUNDARY = 'x-boundary-x';
let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    receiveFile(request, folder, LIMIT)
      .then(({ path, name, bytes }) => {
        const content = readFileSync(path).toString('base64');
        rmSync(path);
        response.end(JSON.stringify({ name, bytes, content }));
      })
      .catch((error: unknown) => {
        request.resume();
        response.end(JSON.stringify({ code: toWire(error).code }));
      });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  ({ port } = server.address() as AddressInfo); // a TCP server's address
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends a body in pieces cut at the given places, each in a packet of its own. */
function send(body: Buffer, cuts: readonly number[]): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.on('error', reject);
    socket.on('close', () =>
      resolve(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as Record<string, unknown>),
    ); // our own server's answer
    socket.write(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
    );
    const places = [0, ...cuts.map((cut) => cut % (body.length + 1)).toSorted((a, b) => a - b), body.length];
    const next = (i: number): void => {
      if (i >= places.length) return;
      socket.write(body.subarray(places[i - 1], places[i]), () => setImmediate(next, i + 1));
    };
    next(1);
  });
}

function form(content: Buffer, name = 'prices.csv', field = 'file'): Buffer {
  return Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\n\r\n`),
    content,
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ]);
}

test('any bytes arrive unchanged, wherever the network cuts them, also those that look like a boundary', async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom('\r\n', '\r\n--', `\r\n--x-boundary-`, '--', `--${BOUNDARY}x`).map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 8 }).map((pieces) => Buffer.concat(pieces)),
      fc.array(fc.nat(), { maxLength: 8 }),
      async (content, cuts) => {
        fc.pre(!content.includes(`\r\n--${BOUNDARY}`));
        expect(await send(form(content), cuts)).toEqual({
          name: 'prices.csv',
          bytes: content.length,
          content: content.toString('base64'),
        });
      },
    ),
    { numRuns: 60 },
  );
});

test('a name keeps no folders, and what is too large, cut short or something else leaves nothing behind', async () => {
  expect(await send(form(Buffer.from('x'), '../../etc/passwd'), [])).toMatchObject({ name: 'passwd' });
  expect(await send(form(Buffer.from('x'), 'C:\\data\\a.csv'), [])).toMatchObject({ name: 'a.csv' });
  expect(await send(form(Buffer.alloc(LIMIT + 1)), [])).toEqual({ code: 'TOO_LARGE' });
  expect(await send(form(Buffer.alloc(20 * LIMIT)), [])).toEqual({ code: 'TOO_LARGE' });
  expect(await send(form(Buffer.from('x'), 'a.csv', 'other'), [])).toEqual({ code: 'BAD_REQUEST' });
  expect(await send(form(Buffer.from('x')).subarray(0, 80), [])).toEqual({ code: 'BAD_REQUEST' });
  expect(await send(Buffer.from('no form at all'), [])).toEqual({ code: 'BAD_REQUEST' });
  expect(readdirSync(folder)).toEqual([]);
});
