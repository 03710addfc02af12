/**
 * Nothing leaves the machine: the whole main job, its workers included, runs under strace, and every connect and every datagram it makes
 * is read. What is counted must see a connection of this machine (the twin), or it would see nothing at all.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../support/program';

const folder = mkdtempSync(join(tmpdir(), 'sextant-local-only-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TRACE = ['-f', '--seccomp-bpf', '-qq', '-e', 'trace=connect,sendto,sendmsg,sendmmsg'];
const works = process.platform === 'linux' && spawnSync('strace', [...TRACE, '-o', '/dev/null', 'true']).status === 0;

interface Contact {
  readonly family: string;
  readonly address: string;
}

/** Addresses outside UNIX sockets and netlink that a record names. */
function contactsIn(record: string): Contact[] {
  const contacts: Contact[] = [];
  for (const line of record.split('\n')) {
    const four = /sa_family=AF_INET, sin_port=htons\(\d+\), sin_addr=inet_addr\("([^"]+)"\)/.exec(line);
    const six = /sa_family=AF_INET6, .*inet_pton\(AF_INET6, "([^"]+)"/.exec(line);
    if (four !== null) contacts.push({ family: 'IPv4', address: four[1] });
    else if (six !== null) contacts.push({ family: 'IPv6', address: six[1] });
  }
  return contacts;
}

function isForeign({ address }: Contact): boolean {
  return !/^(127\.|::1$|::ffff:127\.)/.test(address);
}

async function trace(command: readonly string[], environment: Readonly<Record<string, string>>): Promise<Contact[]> {
  const record = join(folder, 'record');
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn('strace', [...TRACE, '-o', record, process.execPath, ...command], {
      stdio: 'ignore',
      env: { PATH: process.env.PATH ?? '', HOME: folder, ...environment },
    });
    child.once('error', reject);
    child.once('close', resolve);
  });
  expect(code).toBe(0);
  return contactsIn(readFileSync(record, 'utf8'));
}

describe.skipIf(!works)('under strace (apt-get install strace)', () => {
  test('the main job from import to report contacts nobody', { timeout: 300_000 }, async () => {
    const cli = await buildProgram();
    const contacts = await trace([cli, '--workspace', join(folder, 'w'), 'demo'], { SEXTANT_KEY: '11'.repeat(32) });
    expect(contacts.filter(isForeign)).toEqual([]);
  });

  test('sabotage: a program that does connect is seen', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo; // it listens on a port
    const contacts = await trace(['-e', `require('node:net').connect(${port}, '127.0.0.1').resume()`], {});
    server.close();
    expect(contacts).toContainEqual({ family: 'IPv4', address: '127.0.0.1' });
  });
});

test('foreign addresses in a record are told from those of this machine', () => {
  const record = [
    '12 connect(20, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("203.0.113.9")}, 16) = -1 EINPROGRESS',
    '12 connect(20, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr)}, 28) = 0',
    '12 connect(20, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
    '12 connect(20, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = 0',
  ].join('\n');
  expect(
    contactsIn(record)
      .filter(isForeign)
      .map(({ address }) => address),
  ).toEqual(['203.0.113.9', '2001:db8::1']);
});
