/**
 * Where bundles lie: a folder or S3-compatible storage, behind one small interface. Names come from this program's own lists and are checked
 * once more here: nothing that a bundle says becomes a part of a path.
 */
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { AwsClient } from 'aws4fetch';
import { AppError } from '#base/errors';
import { asStoreError } from '../store/store-error';

export interface Place {
  readonly address: string;
  /** Errors: CONFLICT where something is there already. */
  requireEmpty(): Promise<void>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Errors: NOT_FOUND; TOO_LARGE above `most` bytes; INVALID_DATA for what is no plain file. */
  read(name: string, most: number): Promise<Uint8Array<ArrayBuffer>>;
}

const SEGMENT = /^[A-Za-z0-9_ @=+-][A-Za-z0-9_. @=+-]{0,199}$/;

/** Errors: BAD_REQUEST for anything that could name another place. */
export function checkName(name: string): string {
  if (name.length <= 500 && name.split('/').every((segment) => SEGMENT.test(segment))) return name;
  throw new AppError(
    'BAD_REQUEST',
    `Expected a plain file name inside the bundle, found ${JSON.stringify(name.slice(0, 100))}. Nothing was read or written.`,
  );
}

export interface S3Settings {
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
  readonly sessionToken: string | undefined;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

/** As the AWS command line reads them. */
export function s3SettingsOf(environment: Readonly<Record<string, string | undefined>>): S3Settings {
  return {
    accessKeyId: environment['AWS_ACCESS_KEY_ID'],
    secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'],
    sessionToken: environment['AWS_SESSION_TOKEN'],
    region: environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'],
    endpoint: environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'],
  };
}

/** @param place absolute path of a folder, or `s3://bucket/prefix`. Errors: BAD_REQUEST. */
export function openPlace(place: string, s3: S3Settings): Place {
  if (place.startsWith('s3://')) return s3Place(place, s3);
  if (!isAbsolute(place) || place.includes('\0')) {
    throw new AppError(
      'BAD_REQUEST',
      `Expected an absolute path or s3://bucket/prefix, found ${JSON.stringify(place.slice(0, 100))}.`,
    );
  }
  return folderPlace(resolve(place));
}

function folderPlace(folder: string): Place {
  const pathOf = (name: string): string => join(folder, ...checkName(name).split('/'));
  const what = `the folder ${folder}`;
  return {
    address: folder,
    async requireEmpty() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (isCode(error, 'ENOENT')) return [];
        throw asStoreError(error, what);
      });
      if (names.length > 0) {
        throw new AppError(
          'CONFLICT',
          `Expected an empty or new folder at ${folder}, found ${names.length} entries. Choose another; nothing was written.`,
        );
      }
    },
    async write(name, bytes) {
      const path = pathOf(name);
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        const file = await open(`${path}.part`, 'wx', 0o600);
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(`${path}.part`, path);
      } catch (error) {
        await rm(`${path}.part`, { force: true });
        throw asStoreError(error, what);
      }
    },
    async read(name, most) {
      const path = pathOf(name);
      // Links are not followed: a bundle must not point out of itself.
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
        (error: unknown) => {
          if (isCode(error, 'ELOOP')) throw notPlain(name);
          if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) throw missing(name, folder);
          throw asStoreError(error, what);
        },
      );
      try {
        const state = await file.stat();
        if (!state.isFile()) throw notPlain(name);
        if (state.size > most) throw tooLarge(name, state.size, most);
        const buffer = new Uint8Array(state.size);
        let filled = 0;
        while (filled < buffer.length) {
          const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return filled === buffer.length ? buffer : buffer.slice(0, filled);
      } finally {
        await file.close();
      }
    },
  };
}

function s3Place(place: string, settings: S3Settings): Place {
  const { accessKeyId, secretAccessKey, sessionToken, region = 'us-east-1', endpoint } = settings;
  const [, bucket, rawPrefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(place) ?? [];
  if (bucket === undefined)
    throw new AppError('BAD_REQUEST', `Expected s3://bucket/prefix, found ${JSON.stringify(place.slice(0, 100))}.`);
  const prefix = rawPrefix.replace(/\/+$/, '');
  if (prefix !== '') checkName(prefix);
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new AppError(
      'BAD_REQUEST',
      'Expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, found none. Set them and start again.',
    );
  }
  const base =
    endpoint === undefined
      ? `https://${bucket}.s3.${region}.amazonaws.com`
      : `${endpoint.replace(/\/+$/, '')}/${bucket}`;
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    region,
    service: 's3',
    retries: 3,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  const urlOf = (name: string): string =>
    `${base}/${[...(prefix === '' ? [] : [prefix]), checkName(name)].join('/').split('/').map(encodeURIComponent).join('/')}`;

  async function call(url: string, init: RequestInit, what: string): Promise<Response> {
    const response = await client
      .fetch(url, { redirect: 'error', signal: AbortSignal.timeout(120_000), ...init })
      .catch((error: unknown) => {
        throw outgoing(error, what);
      });
    if (response.ok || response.status === 404) return response;
    throw new AppError(
      'UNAVAILABLE',
      `Expected the storage to accept ${what}, found HTTP ${response.status}. Check keys, bucket and endpoint.`,
      {
        data: { status: response.status },
      },
    );
  }

  return {
    address: place.replace(/\/+$/, ''),
    async requireEmpty() {
      const query = new URLSearchParams({
        'list-type': '2',
        'max-keys': '1',
        prefix: prefix === '' ? '' : `${prefix}/`,
      });
      const response = await call(`${base}?${query.toString()}`, {}, 'a listing');
      if (response.status === 404) throw new AppError('NOT_FOUND', `Expected the bucket ${bucket}, found none.`);
      if (/<Key>/.test(await response.text())) {
        throw new AppError(
          'CONFLICT',
          `Expected nothing under ${place}, found objects. Choose another prefix; nothing was written.`,
        );
      }
    },
    async write(name, bytes) {
      const response = await call(urlOf(name), { method: 'PUT', body: Uint8Array.from(bytes) }, `the object ${name}`);
      if (response.status === 404) throw new AppError('NOT_FOUND', `Expected the bucket ${bucket}, found none.`);
    },
    async read(name, most) {
      const response = await call(urlOf(name), {}, `a request for ${name}`);
      if (response.status === 404) throw missing(name, place);
      return readBody(response, name, most);
    },
  };
}

/** Stops at the limit: a server may send more than it says. */
async function readBody(response: Response, name: string, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > most) throw tooLarge(name, size, most);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** The reason behind a failed request: the privacy configuration's own error, or that nobody answered. */
export function outgoing(error: unknown, what: string): AppError {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof AppError) return cause;
  const reason =
    error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
  return new AppError(
    'UNAVAILABLE',
    `Expected an answer to ${what}, found: ${reason}. Check the address and try again.`,
    { cause: error },
  );
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const missing = (name: string, place: string): AppError =>
  new AppError('NOT_FOUND', `Expected ${name} in ${place}, found none. Nothing was imported.`);
const notPlain = (name: string): AppError =>
  new AppError('INVALID_DATA', `Expected a plain file ${name}, found a link, folder or device. Nothing was imported.`);
const tooLarge = (name: string, found: number, most: number): AppError =>
  new AppError('TOO_LARGE', `Expected at most ${most} bytes in ${name}, found ${found} or more. Nothing was imported.`);
