/**
 * The few calls of MLflow's REST interface (2.0) that logging a run needs, typed and checked: nothing that a server answers is believed
 * before it fits. Redirects are refused, so that a server cannot send the run somewhere else.
 */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { outgoing } from './places';

export interface MlflowMetric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

export interface MlflowEntry {
  readonly key: string;
  readonly value: string;
}

export interface MlflowCredentials {
  readonly token?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** As MLflow's own clients read them. */
export function mlflowCredentialsOf(environment: Readonly<Record<string, string | undefined>>): MlflowCredentials {
  return {
    token: environment['MLFLOW_TRACKING_TOKEN'],
    username: environment['MLFLOW_TRACKING_USERNAME'],
    password: environment['MLFLOW_TRACKING_PASSWORD'],
  };
}

const errorSchema = z.object({ error_code: z.string(), message: z.string().default('') });
const experimentSchema = z.object({ experiment: z.object({ experiment_id: z.string() }) });
const runInfo = z.object({
  run_id: z.string().regex(/^[0-9a-zA-Z_-]{1,64}$/),
  status: z.string(),
  artifact_uri: z.string().default(''),
});
const runAnswer = z.object({ run: z.object({ info: runInfo }) });
const searchAnswer = z.object({ runs: z.array(z.object({ info: runInfo })).default([]) });
const versionAnswer = z.object({ model_version: z.object({ version: z.string() }) });

/** Limits of one log-batch call (mlflow/utils/validation.py). */
const MOST_METRICS = 1000;
const MOST_ENTRIES = 100;
const TIMEOUT_MS = 30_000;

export type MlflowRun = z.infer<typeof runInfo>;

export function createMlflowClient(server: string, { token, username, password }: MlflowCredentials) {
  const base = server.replace(/\/+$/, '');
  const authorization =
    token !== undefined
      ? `Bearer ${token}`
      : username !== undefined
        ? `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`
        : null;

  async function send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (authorization !== null) headers.set('authorization', authorization);
    return fetch(`${base}${path}`, {
      ...init,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw outgoing(error, `a call to ${base}`);
    });
  }

  /** The answer, or the server's own error code in `data.mlflow`. */
  async function call<Schema extends z.ZodType>(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body: Record<string, unknown>,
    schema: Schema,
  ): Promise<z.infer<Schema>> {
    const query =
      method === 'GET'
        ? `?${new URLSearchParams(Object.entries(body).map(([key, value]): [string, string] => [key, String(value)])).toString()}`
        : '';
    const response = await send(`/api/2.0/mlflow/${path}${query}`, {
      method,
      ...(method === 'GET' ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    let value: unknown;
    try {
      value = JSON.parse(text === '' ? '{}' : text);
    } catch {
      value = null;
    }
    if (!response.ok) {
      const known = errorSchema.safeParse(value);
      const code = known.success ? known.data.error_code : `HTTP ${response.status}`;
      const reason = known.success ? `${code}: ${known.data.message.slice(0, 300)}` : code;
      throw new AppError('UNAVAILABLE', `Expected ${base} to accept ${path}, found ${reason}.`, {
        data: { mlflow: code, status: response.status },
      });
    }
    const answer = schema.safeParse(value);
    if (answer.success) return answer.data;
    throw new AppError(
      'UNAVAILABLE',
      `Expected an MLflow answer to ${path} from ${base}, found something else. Check the address.`,
    );
  }

  const isCode = (error: unknown, code: string): boolean =>
    error instanceof AppError && error.data?.['mlflow'] === code;
  const nothing = z.unknown();

  return {
    async experiment(name: string): Promise<string> {
      try {
        const { experiment_id: id } = await call(
          'POST',
          'experiments/create',
          { name },
          z.object({ experiment_id: z.string() }),
        );
        return id;
      } catch (error) {
        if (!isCode(error, 'RESOURCE_ALREADY_EXISTS')) throw error;
        const { experiment } = await call(
          'GET',
          'experiments/get-by-name',
          { experiment_name: name },
          experimentSchema,
        );
        return experiment.experiment_id;
      }
    },
    /** A run with this tag, if the experiment has one. */
    async findRun(experiment: string, tag: MlflowEntry): Promise<MlflowRun | null> {
      const filter = `tags.\`${tag.key}\` = '${tag.value}'`;
      const { runs } = await call(
        'POST',
        'runs/search',
        { experiment_ids: [experiment], filter, max_results: 1 },
        searchAnswer,
      );
      return runs.at(0)?.info ?? null;
    },
    async createRun(run: {
      experiment: string;
      name: string;
      startTime: number;
      tags: readonly MlflowEntry[];
    }): Promise<MlflowRun> {
      const body = { experiment_id: run.experiment, run_name: run.name, start_time: run.startTime, tags: run.tags };
      return (await call('POST', 'runs/create', body, runAnswer)).run.info;
    },
    async logBatch(
      run: string,
      batch: { metrics: readonly MlflowMetric[]; params: readonly MlflowEntry[]; tags: readonly MlflowEntry[] },
    ): Promise<void> {
      const parts = <Item>(items: readonly Item[], size: number): Item[][] =>
        Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
      for (const params of parts(batch.params, MOST_ENTRIES))
        await call('POST', 'runs/log-batch', { run_id: run, params }, nothing);
      for (const tags of parts(batch.tags, MOST_ENTRIES))
        await call('POST', 'runs/log-batch', { run_id: run, tags }, nothing);
      for (const metrics of parts(batch.metrics, MOST_METRICS))
        await call('POST', 'runs/log-batch', { run_id: run, metrics }, nothing);
    },
    async finishRun(run: string, status: 'FINISHED' | 'FAILED' | 'KILLED', endTime: number): Promise<void> {
      await call('POST', 'runs/update', { run_id: run, status, end_time: endTime }, nothing);
    },
    /** Through the server's artifact proxy. @param root path of `mlflow-artifacts:/<root>` */
    async putArtifact(root: string, path: string, bytes: Uint8Array): Promise<void> {
      const target = [...root.split('/'), ...path.split('/')]
        .filter((part) => part !== '')
        .map(encodeURIComponent)
        .join('/');
      const response = await send(`/api/2.0/mlflow-artifacts/artifacts/${target}`, {
        method: 'PUT',
        body: Uint8Array.from(bytes),
        headers: { 'content-type': 'application/octet-stream' },
      });
      if (!response.ok)
        throw new AppError(
          'UNAVAILABLE',
          `Expected ${base} to store the artifact ${path}, found HTTP ${response.status}.`,
        );
    },
    async registeredModel(name: string): Promise<void> {
      await call('POST', 'registered-models/create', { name }, nothing).catch((error: unknown) => {
        if (!isCode(error, 'RESOURCE_ALREADY_EXISTS')) throw error;
      });
    },
    async modelVersion(version: {
      name: string;
      source: string;
      run: string;
      tags: readonly MlflowEntry[];
    }): Promise<string> {
      const body = { name: version.name, source: version.source, run_id: version.run, tags: version.tags };
      return (await call('POST', 'model-versions/create', body, versionAnswer)).model_version.version;
    },
    async alias(name: string, alias: string, version: string): Promise<void> {
      await call('POST', 'registered-models/alias', { name, alias, version }, nothing);
    },
  };
}
