/**
 * What a request must pass before anything of it is looked at. Hosts first: a page that points its own name at 127.0.0.1
 * (DNS rebinding) is stopped here, for routes, files and errors alike. Then browsers: a page of another origin, or a kind
 * of fetch that this program never makes, is refused.
 */
import type { IncomingMessage } from 'node:http';

/** A refusal says its status only; what is behind the gate stays unknown. */
export interface Refusal {
  readonly status: 400 | 403 | 421;
  readonly code: 'BAD_REQUEST' | 'FORBIDDEN' | 'MISDIRECTED';
}

export type Gate = (request: IncomingMessage, port: number) => Refusal | undefined;

/** Names under which this server may be called, exactly as browsers write them. */
export function allowedHosts(port: number): readonly string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
}

function headerValues(request: IncomingMessage, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    if (request.rawHeaders[i].toLowerCase() === name) values.push(request.rawHeaders[i + 1]);
  }
  return values;
}

/** One Host header, in the list, and a target that is a path (an absolute target would name a host of its own). */
export const hostGate: Gate = (request, port) => {
  const hosts = headerValues(request, 'host');
  const exact = hosts.length === 1 && allowedHosts(port).includes(hosts[0]);
  return exact && request.url?.startsWith('/') === true ? undefined : { status: 421, code: 'MISDIRECTED' };
};

/** `Origin`, if sent, is our own; `Sec-Fetch-Site`, if sent, says same-origin or typed by a person. Anything else is foreign. */
export const originGate: Gate = (request) => {
  const refusal: Refusal = { status: 403, code: 'FORBIDDEN' };
  const origins = headerValues(request, 'origin');
  const own = `http://${request.headers.host}`;
  if (origins.length > 1 || origins.some((origin) => origin !== own)) return refusal;
  const sites = headerValues(request, 'sec-fetch-site');
  return sites.every((site) => site === 'same-origin' || site === 'none') ? undefined : refusal;
};

export const allGates: readonly Gate[] = [hostGate, originGate];
