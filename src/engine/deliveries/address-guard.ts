/**
 * Which addresses a receiver may have (server-side request forgery, OWASP; special-purpose registries of IANA, RFC 6890). A name is resolved
 * once, every address that it has is judged, and the connection goes to the one that was judged: a name that changes its answer gains nothing.
 */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { AppError } from '#base/errors';

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<readonly Address[]>;

export const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }));

const PRIVATE = blockList(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']);
const LOOPBACK = blockList(['127.0.0.0/8', '::1/128']);
/** Neither a person's network nor the Internet: unspecified, link-local (metadata services live there), documentation, tunnels, multicast. */
const NEVER = blockList([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]);

export type AddressKind = 'public' | 'private' | 'loopback' | 'never';

/** @param address IPv4 or IPv6, as text; an IPv4 address inside an IPv6 one is judged as what it is */
export function addressKind(address: string): AddressKind {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? mappedWords(address);
  const plain = mapped ?? address;
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(plain) === 0 || NEVER.check(plain, family)) return 'never';
  if (LOOPBACK.check(plain, family)) return 'loopback';
  return PRIVATE.check(plain, family) ? 'private' : 'public';
}

/** `::ffff:7f00:1`, as URLs write it. */
function mappedWords(address: string): string | undefined {
  const words = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (words === null) return undefined;
  const [high, low] = [parseInt(words[1], 16), parseInt(words[2], 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The host of a URL without the brackets of IPv6. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** True where the URL itself names this machine; only then may an address of this machine be used. */
export function namesLoopback(url: URL): boolean {
  const host = hostOf(url);
  return host === 'localhost' || (isIP(host) !== 0 && addressKind(host) === 'loopback');
}

export interface AddressRules {
  /** A person said that this endpoint is on a private network. */
  readonly allowPrivate: boolean;
  readonly resolve: Resolve;
  /** Ports on which this program itself listens. */
  readonly ownPorts: ReadonlySet<number>;
}

/** The address to connect to. Errors: FORBIDDEN for an address that may not be used; UNAVAILABLE where the name has none. */
export async function judgedAddress(url: URL, { allowPrivate, resolve, ownPorts }: AddressRules): Promise<Address> {
  const host = hostOf(url);
  const isNamed = namesLoopback(url);
  if (isNamed && ownPorts.has(portOf(url))) {
    throw new AppError('FORBIDDEN', `Expected a receiver, found the address of Sextant itself (${url.host}).`);
  }
  const found = await addressesOf(host, resolve);
  for (const { address } of found) {
    const kind = addressKind(address);
    if (kind === 'public' || (kind === 'loopback' && isNamed) || (kind === 'private' && allowPrivate)) continue;
    const remedy =
      kind === 'private'
        ? 'Say that it is on a private network (allowPrivate) if it is.'
        : kind === 'loopback'
          ? 'To call this machine, name it: 127.0.0.1 or localhost.'
          : 'Addresses of this range are never called.';
    throw new AppError('FORBIDDEN', `Expected ${host} to be on the Internet, found ${address}. ${remedy}`, {
      data: { host, address },
    });
  }
  return found[0];
}

async function addressesOf(host: string, resolve: Resolve): Promise<readonly Address[]> {
  const literal = isIP(host);
  if (literal !== 0) return [{ address: host, family: literal === 6 ? 6 : 4 }];
  // Not asked of a name server, which could say anything.
  if (host === 'localhost') return [{ address: '127.0.0.1', family: 4 }];
  const found = await resolve(host).catch((cause: unknown) => {
    throw new AppError('UNAVAILABLE', `Expected an address of ${host}, found none. Check the name.`, { cause });
  });
  if (found.length > 0) return found;
  throw new AppError('UNAVAILABLE', `Expected an address of ${host}, found none. Check the name.`);
}

export const portOf = (url: URL): number => Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [net, prefix] = range.split('/');
    list.addSubnet(net, Number(prefix), net.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}
