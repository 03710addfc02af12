/**
 * Signals: taken in once, put to the model of their source, kept with the answer. A signal is stored before the model is asked, so that a crash
 * in between loses none; what an earlier host left unanswered is asked at the next start. The sender learns that it arrived, never the answer.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { AppError, toWire } from '#base/errors';
import type { Log } from '#base/log';
import { wireErrorSchema } from '#contract/fields';
import { predictionSchema, type frameSchema } from '#contract/models';
import { SIGNALS_PREFIX, signalBodySchema, type Signal, type SignalSource } from '#contract/signals';
import type { AlertService } from '../alerts/alert-service';
import type { AuditLog } from '../audit/audit-log';
import { inTransaction, type Database } from '../store/database';
import { createUlid } from '../store/ulid';
import { newSecret } from '../webhooks/signature';
import { createSignalDoor, hashCredential, type SignalHeaders } from './signal-door';
import { createSignalTable, type SignalRow, type SourceRow } from './signal-table';

export interface SignalServiceOptions {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly alerts: Pick<AlertService, 'raise'>;
  readonly log: Log;
  now(): number;
  /** Monotonic milliseconds; Node's unless given. */
  readonly monotonic?: () => number;
  /** The name of a model that exists. Errors: NOT_FOUND. */
  modelName(ref: string): Promise<string>;
  /** Called when a signal was stored or answered. */
  onChange(signal: string): void;
  /** What `models.predict` does. */
  predict(question: {
    readonly model: string;
    readonly frame: z.infer<typeof frameSchema>;
    readonly date: string;
    readonly asOf: string;
  }): Promise<{ readonly predictions: readonly z.infer<typeof predictionSchema>[] }>;
}

const DAY_MS = 86_400_000;
const answerSchema = z.array(predictionSchema);
const storedBody = signalBodySchema;

export function createSignalService(options: SignalServiceOptions) {
  const { database, audit, alerts, log, now, modelName, predict, onChange } = options;
  const table = createSignalTable(database);
  const admit = createSignalDoor({
    source: (id) => table.source(id),
    now,
    ...(options.monotonic && { monotonic: options.monotonic }),
  });
  const working = new Set<Promise<void>>();
  let isClosed = false;

  function find(ref: string): SourceRow {
    const row = table.source(ref);
    if (row !== undefined) return row;
    throw new AppError('NOT_FOUND', `Expected a source "${ref}", found none. List them with: sextant signals sources.`);
  }

  function toSource(row: SourceRow): SignalSource {
    return {
      id: row.id,
      name: row.name,
      mode: row.mode,
      model: row.model,
      perMinute: row.per_minute,
      path: `${SIGNALS_PREFIX}${row.id}`,
      createdAt: new Date(row.created_at).toISOString(),
      disabledAt: row.disabled_at === null ? null : new Date(row.disabled_at).toISOString(),
      received: table.received(row.id),
    };
  }

  function credentialFor(mode: SourceRow['mode']): { shown: string; kept: string } {
    const shown = mode === 'signed' ? newSecret() : randomBytes(32).toString('base64url');
    return { shown, kept: mode === 'signed' ? shown : hashCredential(shown) };
  }

  async function create(
    { name, model, mode, perMinute }: Pick<SignalSource, 'name' | 'model' | 'mode' | 'perMinute'>,
    actor: string,
  ) {
    const { shown, kept } = credentialFor(mode);
    const known = await modelName(model);
    const at = now();
    const row: SourceRow = {
      id: createUlid(at),
      name,
      mode,
      credential: kept,
      model: known,
      per_minute: perMinute,
      created_at: at,
      disabled_at: null,
    };
    inTransaction(database, () => {
      if (table.source(name) !== undefined) {
        throw new AppError('CONFLICT', `Expected a new name, found that "${name}" is taken. Choose another.`);
      }
      table.insertSource(row);
      audit.append({
        actor,
        action: 'signal-source.created',
        object: row.id,
        detail: { name, mode, model: row.model },
      });
    });
    return { source: toSource(row), credential: shown };
  }

  function change(ref: string, action: string, actor: string, write: (row: SourceRow) => void): SourceRow {
    const row = find(ref);
    inTransaction(database, () => {
      write(row);
      audit.append({ actor, action: `signal-source.${action}`, object: row.id, detail: { name: row.name } });
    });
    return row;
  }

  function rotate(ref: string, actor: string) {
    const { shown, kept } = credentialFor(find(ref).mode);
    const { id } = change(ref, 'rotated', actor, (row) => table.rotate(row.id, kept));
    return { source: toSource(find(id)), credential: shown };
  }

  /**
   * Takes a signal in. A repetition has no second effect and gets the same receipt.
   * Errors: UNAUTHORIZED, RATE_LIMITED, BAD_REQUEST; CONFLICT where the identifier came with another body.
   */
  function receive(sourceId: string, headers: SignalHeaders, bytes: Uint8Array): { id: string; duplicate: boolean } {
    const { source, externalId, body, hash } = admit(sourceId, headers, bytes);
    const at = now();
    const row: SignalRow = {
      id: createUlid(at),
      source: source.id,
      source_name: source.name,
      external_id: externalId,
      model: source.model,
      received_at: at,
      body_hash: hash,
      request: JSON.stringify(body),
      status: 'received',
      answer: null,
      error: null,
    };
    const known = inTransaction(database, () => {
      const before = table.known(source.id, externalId);
      if (before === undefined) table.insert(row);
      return before;
    });
    if (known === undefined) {
      ask(row);
      return { id: row.id, duplicate: false };
    }
    if (known.body_hash === hash) return { id: known.id, duplicate: true };
    throw new AppError('CONFLICT', 'Expected a new identifier for another signal, found one that came before.');
  }

  function ask(row: SignalRow): void {
    const work = answer(row).finally(() => working.delete(work));
    working.add(work);
  }

  async function answer(row: SignalRow): Promise<void> {
    const { date, ticker, features, frame } = storedBody.parse(JSON.parse(row.request));
    const asked = frame ?? {
      rows: [ticker ?? ''],
      features: Object.keys(features ?? {}),
      values: Object.values(features ?? {}),
    };
    const asOf = new Date(row.received_at).toISOString().slice(0, 10);
    const outcome = await predict({ model: row.model, frame: asked, date, asOf }).then(
      ({ predictions }) => ({ predictions, error: null }),
      (error: unknown) => ({ predictions: null, error: toWire(error) }),
    );
    // Cut off by closing: it stays unanswered and is asked at the next start.
    if (isClosed && outcome.error !== null) return;
    try {
      inTransaction(database, () => {
        if (outcome.error === null) table.finish(row.id, 'answered', JSON.stringify(outcome.predictions), null);
        else {
          table.finish(row.id, 'failed', null, JSON.stringify(outcome.error));
          alerts.raise({
            rule: 'signals.failed',
            severity: 'warning',
            subject: row.source_name,
            message: `A signal of ${row.source_name} got no answer: ${outcome.error.message}`,
          });
        }
      });
      onChange(row.id);
    } catch (error) {
      log.error('The answer to a signal could not be stored; it is asked again at the next start.', {
        signal: row.id,
        error: toWire(error).message,
      });
    }
  }

  function list(day: string | undefined, limit: number, offset: number) {
    const from = day === undefined ? 0 : Date.parse(day);
    const to = day === undefined ? Number.MAX_SAFE_INTEGER : from + DAY_MS;
    const { rows, total } = table.list({ from, to, limit, offset });
    return { signals: rows.map(toSignal), total };
  }

  return {
    create,
    rotate,
    receive,
    list,
    sources: (): SignalSource[] => table.sources().map(toSource),
    disable: (ref: string, actor: string): SignalSource =>
      toSource(find(change(ref, 'disabled', actor, ({ id }) => table.disable(id, now())).id)),
    enable: (ref: string, actor: string): SignalSource =>
      toSource(find(change(ref, 'enabled', actor, ({ id }) => table.disable(id, null)).id)),
    remove: (ref: string, actor: string): string =>
      change(ref, 'removed', actor, ({ id }) => table.removeSource(id)).id,
    /** One line per signal, in the order in which they came. */
    record(day: string): string {
      const { signals } = list(day, Number.MAX_SAFE_INTEGER, 0);
      return signals
        .map((signal) => `${JSON.stringify(signal)}\n`)
        .reverse()
        .join('');
    },
    /** Asks what an earlier host left unanswered. */
    start(): void {
      for (const row of table.unanswered()) ask(row);
    },
    /** Resolves when every signal that was taken in has its answer. */
    async settled(): Promise<void> {
      while (working.size > 0) await Promise.all(working);
    },
    async close(): Promise<void> {
      isClosed = true;
      await Promise.all(working);
    },
  };
}
export type SignalService = ReturnType<typeof createSignalService>;

function toSignal(row: SignalRow): Signal {
  return {
    id: row.id,
    source: row.source_name,
    externalId: row.external_id,
    model: row.model,
    receivedAt: new Date(row.received_at).toISOString(),
    status: row.status,
    request: JSON.parse(row.request),
    predictions: row.answer === null ? null : answerSchema.parse(JSON.parse(row.answer)),
    error: row.error === null ? null : wireErrorSchema.parse(JSON.parse(row.error)),
  };
}
