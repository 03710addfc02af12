/**
 * The addresses that monitoring tools expect, beside the operations under the API's prefix. Each is answered by an operation, so it passes
 * the same gates, token, rate and scope; only the form of the answer is the tool's.
 */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';

export interface Probe {
  /** Path of the operation, without the API's prefix. */
  readonly path: string;
  /** Sends what the operation answered. */
  send(response: ServerResponse, answer: unknown): void;
}

const documentSchema = z.object({ mediaType: z.string(), text: z.string() });

const healthSchema = z.object({ status: z.string() });

const probes: ReadonlyMap<string, Probe> = new Map<string, Probe>([
  [
    '/metrics',
    {
      path: '/system/metrics',
      send(response, answer) {
        const { mediaType, text } = documentSchema.parse(answer);
        respond(response, 200, mediaType, text);
      },
    },
  ],
  // Alive: it answers, whatever the answer says.
  ['/health', { path: '/system/health', send: (response, answer) => respondJson(response, 200, answer) }],
  // Ready: no part of it fails; what is degraded still works.
  [
    '/ready',
    {
      path: '/system/health',
      send: (response, answer) =>
        respondJson(response, healthSchema.parse(answer).status === 'failing' ? 503 : 200, answer),
    },
  ],
]);

export const PROBE_PATHS: readonly string[] = [...probes.keys()];

export function findProbe(pathname: string): Probe | undefined {
  return probes.get(pathname);
}

function respondJson(response: ServerResponse, status: number, answer: unknown): void {
  respond(response, status, 'application/json', JSON.stringify(answer));
}

function respond(response: ServerResponse, status: number, mediaType: string, text: string): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, { 'Content-Type': mediaType, 'Content-Length': bytes.length });
  response.end(bytes);
}
