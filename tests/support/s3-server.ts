/** S3-like storage over real HTTP: objects by path, listings by prefix; a request without a signature of the known key is refused. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export class S3Server {
  readonly objects = new Map<string, Buffer>();
  unsigned = 0;
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://storage');
      const key = decodeURIComponent(url.pathname);
      if (request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=key/') !== true) {
        this.unsigned++;
        response.writeHead(403).end();
      } else if (request.method === 'PUT') {
        this.objects.set(key, Buffer.concat(chunks));
        response.writeHead(200).end();
      } else if (url.searchParams.has('list-type')) {
        const prefix = `${key.replace(/\/$/, '')}/${url.searchParams.get('prefix') ?? ''}`;
        const keys = [...this.objects.keys()].filter((name) => name.startsWith(prefix));
        response
          .writeHead(200)
          .end(`<ListBucketResult>${keys.map((name) => `<Key>${name}</Key>`).join('')}</ListBucketResult>`);
      } else {
        const found = this.objects.get(key);
        response.writeHead(found === undefined ? 404 : 200).end(found);
      }
    });
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`; // listening on TCP
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}
