/** What a hostile page or program can put into a request: Host headers, origins and kinds of body, for the attack matrices. */
import { operations } from '#contract/derive/operations';

const SAMPLE_ID = '01JDA3N6X7Q8R9S0T1V2W3X4Y5';

/** Every path that the server knows, from the contract itself, so that a new route cannot escape the matrix. */
export const routes: readonly { readonly method: string; readonly path: string; readonly api: boolean }[] = [
  ...operations.map(({ method, path }) => ({
    method,
    path: `/api/v1${path.replaceAll(/\{\w+\}/g, SAMPLE_ID)}`,
    api: true,
  })),
  { method: 'POST', path: '/api/v1/session', api: true },
  { method: 'POST', path: '/api/v1/session/code', api: true },
  { method: 'GET', path: '/openapi.json', api: true },
  { method: 'GET', path: '/metrics', api: true },
  { method: 'GET', path: '/health', api: true },
  { method: 'GET', path: '/ready', api: true },
  { method: 'GET', path: '/api/v1/nothing-here', api: true },
  { method: 'GET', path: '/', api: false },
  { method: 'GET', path: '/reference', api: false },
  { method: 'GET', path: '/reference.html', api: false },
  { method: 'GET', path: '/assets/index.js', api: false },
];

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

/** Head lines that name another host, or this one in any spelling but the three allowed. */
export function hostileHosts(port: number): readonly { readonly target?: string; readonly lines: readonly string[] }[] {
  const values = [
    'evil.example',
    `evil.example:${port}`,
    `127.0.0.1.evil.example:${port}`,
    `evil127.0.0.1:${port}`,
    `evil.127.0.0.1:${port}`,
    `localhost.evil.example:${port}`,
    `evillocalhost:${port}`,
    `sub.localhost:${port}`,
    `localhost.:${port}`,
    `127.0.0.1.:${port}`,
    `LOCALHOST:${port}`,
    `Localhost:${port}`,
    '127.0.0.1',
    'localhost',
    '[::1]',
    `127.0.0.1:${port + 1}`,
    `localhost:${port + 1}`,
    '127.0.0.1:80',
    '127.0.0.1:',
    `127.0.0.1:0${port}`,
    `127.1:${port}`,
    `127.0.1:${port}`,
    `127.0.0.2:${port}`,
    `2130706433:${port}`,
    `0x7f000001:${port}`,
    `0177.0.0.1:${port}`,
    `0.0.0.0:${port}`,
    `[::]:${port}`,
    `[::ffff:127.0.0.1]:${port}`,
    `[0:0:0:0:0:0:0:1]:${port}`,
    `::1:${port}`,
    `user@127.0.0.1:${port}`,
    `127.0.0.1:${port}@evil.example`,
    `127.0.0.1:${port}/`,
    `127.0.0.1:${port}#`,
    `127.0.0.1:${port}, evil.example`,
    `http://127.0.0.1:${port}`,
    '',
  ];
  const own = `Host: 127.0.0.1:${port}`;
  return [
    ...values.map((value) => ({ lines: [`Host: ${value}`] })),
    { lines: [] },
    { lines: [own, 'Host: evil.example'] },
    { lines: ['Host: evil.example', own] },
    { lines: [own, own] },
    { target: 'http://evil.example', lines: [own] },
    { target: `http://127.0.0.1:${port}`, lines: [own] },
  ];
}

/** Headers that a browser adds on behalf of a page that is not ours. */
export function foreignPages(port: number): readonly (readonly string[])[] {
  return [
    ['Origin: http://evil.example'],
    ['Origin: null'],
    ['Origin: '],
    [`Origin: https://127.0.0.1:${port}`],
    [`Origin: http://localhost:${port}`],
    [`Origin: http://127.0.0.1:${port + 1}`],
    [`Origin: http://127.0.0.1:${port}.evil.example`],
    ['Origin: http://127.0.0.1'],
    ['Origin: file://'],
    ['Origin: chrome-extension://abcdefgh'],
    [`Origin: http://127.0.0.1:${port}`, 'Origin: http://evil.example'],
    ['Sec-Fetch-Site: cross-site'],
    ['Sec-Fetch-Site: same-site'],
    ['Sec-Fetch-Site: no-cors'],
    ['Sec-Fetch-Site: '],
    ['Sec-Fetch-Site: Same-Origin'],
    ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: cross-site'],
    [`Origin: http://127.0.0.1:${port}`, 'Sec-Fetch-Site: cross-site'],
  ];
}

/** Bodies that a page may send without a preflight. */
export const SIMPLE_BODIES = [
  { type: 'application/x-www-form-urlencoded', body: 'name=x&config=%7B%7D' },
  { type: 'text/plain', body: '{"name":"x","prices":["/x"]}' },
  {
    type: 'multipart/form-data; boundary=b',
    body: '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n--b--\r\n',
  },
  { type: undefined, body: '{"name":"x","prices":["/x"]}' },
] as const;

/**
 * Requests whose end two readers could see in different places (request smuggling, RFC 9112 §11.2), after a request line
 * and the lines that make it a valid one. `smuggled` is what an attacker wants to be read as a request of its own.
 */
export function ambiguousFrames(smuggled: string): readonly { readonly name: string; readonly text: string }[] {
  const chunked = `2\r\n{}\r\n0\r\n\r\n`;
  const frame = (name: string, lines: readonly string[], body: string) => ({
    name,
    text: `${lines.join('\r\n')}\r\n\r\n${body}`,
  });
  return [
    frame('length and chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked'], `${chunked}${smuggled}`),
    frame('chunks and length', ['Transfer-Encoding: chunked', 'Content-Length: 2'], `${chunked}${smuggled}`),
    frame('two lengths', ['Content-Length: 2', 'Content-Length: 90'], `{}${smuggled}`),
    frame('a list of lengths', ['Content-Length: 2, 90'], `{}${smuggled}`),
    frame('a negative length', ['Content-Length: -2'], `{}${smuggled}`),
    frame('a signed length', ['Content-Length: +2'], `{}${smuggled}`),
    frame('a hexadecimal length', ['Content-Length: 0x2'], `{}${smuggled}`),
    frame('a length with a space', ['Content-Length : 2'], `{}${smuggled}`),
    frame('a length beyond any number', ['Content-Length: 99999999999999999999'], `{}${smuggled}`),
    frame('an unknown coding', ['Transfer-Encoding: xchunked'], `${chunked}${smuggled}`),
    frame('chunks that are not last', ['Transfer-Encoding: chunked, identity'], `${chunked}${smuggled}`),
    frame('two codings', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], `${chunked}${smuggled}`),
    frame('a coding with a space', ['Transfer-Encoding : chunked'], `${chunked}${smuggled}`),
    frame('a folded coding', ['Transfer-Encoding:', ' chunked'], `${chunked}${smuggled}`),
    frame('a coding after a tab', ['Transfer-Encoding:\u000bchunked'], `${chunked}${smuggled}`),
    frame(
      'a chunk size that overflows',
      ['Transfer-Encoding: chunked'],
      `fffffffffffffffff\r\n{}\r\n0\r\n\r\n${smuggled}`,
    ),
    frame('a chunk size with a prefix', ['Transfer-Encoding: chunked'], `0x2\r\n{}\r\n0\r\n\r\n${smuggled}`),
    frame('a chunk that is longer than it says', ['Transfer-Encoding: chunked'], `1\r\n{}\r\n0\r\n\r\n${smuggled}`),
    frame('chunks ended by line feeds', ['Transfer-Encoding: chunked'], `2\n{}\n0\n\n${smuggled}`),
    frame('a header with a bare return', ['X-A: b\rContent-Length: 2'], `{}${smuggled}`),
    frame('a header with a null', ['X-A: b\u0000c', 'Content-Length: 2'], `{}${smuggled}`),
    frame('a header without a name', [': x', 'Content-Length: 2'], `{}${smuggled}`),
    frame('a header with a space in its name', ['X A: x', 'Content-Length: 2'], `{}${smuggled}`),
  ];
}
