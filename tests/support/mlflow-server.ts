/**
 * A tracking server that speaks MLflow's REST interface over real HTTP and holds requests to its rules (mlflow/utils/validation.py): unknown
 * fields, long values, large batches, parameters that change and runs that do not exist are refused with MLflow's own error codes.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const key = z
  .string()
  .min(1)
  .max(250)
  .regex(/^[/\w.\- ]*$/)
  .refine((text) => !text.split('/').includes('..'));
const entry = z.strictObject({ key, value: z.string().max(6000) });
const metric = z.strictObject({ key, value: z.number(), timestamp: z.int(), step: z.int() });

interface StoredRun {
  readonly experiment: string;
  readonly params: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly metrics: z.infer<typeof metric>[];
  status: string;
}

class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

export class MlflowServer {
  readonly experiments = new Map<string, string>();
  readonly runs = new Map<string, StoredRun>();
  readonly artifacts = new Map<string, Uint8Array>();
  readonly models = new Map<string, { versions: { version: string; run: string }[]; aliases: Map<string, string> }>();
  readonly calls: string[] = [];
  /** The next call whose path contains this fails with 500. */
  failAt: string | null = null;
  artifactRoot = 'mlflow-artifacts:/';
  readonly #server = createServer((request, response) => void this.#answer(request, response));

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

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://server');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
    const body = Buffer.concat(chunks);
    const call = `${request.method} ${url.pathname.replace('/api/2.0/', '')}`;
    this.calls.push(call);
    const send = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    try {
      if (this.failAt !== null && call.includes(this.failAt)) {
        this.failAt = null;
        throw new Refusal('INTERNAL_ERROR', 'made to fail', 500);
      }
      if (call.startsWith('PUT mlflow-artifacts/artifacts/')) {
        this.artifacts.set(decodeURIComponent(url.pathname.split('/artifacts/').slice(1).join('/artifacts/')), body);
        return send(200, {});
      }
      const input: unknown =
        request.method === 'GET' ? Object.fromEntries(url.searchParams) : JSON.parse(body.toString('utf8'));
      send(200, this.#handle(call, input));
    } catch (error) {
      if (error instanceof Refusal) send(error.status, { error_code: error.code, message: error.message });
      else send(400, { error_code: 'INVALID_PARAMETER_VALUE', message: String(error) });
    }
  }

  #handle(call: string, input: unknown): unknown {
    switch (call) {
      case 'POST mlflow/experiments/create': {
        const { name } = z.strictObject({ name: z.string().min(1) }).parse(input);
        if (this.experiments.has(name)) throw new Refusal('RESOURCE_ALREADY_EXISTS', name);
        this.experiments.set(name, String(this.experiments.size + 1));
        return { experiment_id: this.experiments.get(name) };
      }
      case 'GET mlflow/experiments/get-by-name': {
        const { experiment_name: name } = z.strictObject({ experiment_name: z.string() }).parse(input);
        return { experiment: { experiment_id: this.experiments.get(name), name } };
      }
      case 'POST mlflow/runs/create': {
        const run = z
          .strictObject({ experiment_id: z.string(), run_name: z.string(), start_time: z.int(), tags: z.array(entry) })
          .parse(input);
        const id = `run${this.runs.size + 1}`.padEnd(32, '0');
        const tags = new Map(run.tags.map((tag) => [tag.key, tag.value]));
        this.runs.set(id, { experiment: run.experiment_id, params: new Map(), tags, metrics: [], status: 'RUNNING' });
        return { run: { info: this.#info(id) } };
      }
      case 'POST mlflow/runs/search': {
        const { filter, experiment_ids: ids } = z
          .strictObject({ experiment_ids: z.array(z.string()), filter: z.string(), max_results: z.int() })
          .parse(input);
        const [, name, value] = /^tags\.`([^`]+)` = '([^']*)'$/.exec(filter) ?? [];
        const found = [...this.runs].filter(
          ([, run]) => ids.includes(run.experiment) && run.tags.get(name ?? '') === value,
        );
        return found.length === 0 ? {} : { runs: found.map(([id]) => ({ info: this.#info(id) })) };
      }
      case 'POST mlflow/runs/log-batch':
        return this.#logBatch(input);
      case 'POST mlflow/runs/update': {
        const { run_id: id, status } = z
          .strictObject({ run_id: z.string(), status: z.enum(['FINISHED', 'FAILED', 'KILLED']), end_time: z.int() })
          .parse(input);
        this.#run(id).status = status;
        return {};
      }
      case 'POST mlflow/registered-models/create': {
        const { name } = z.strictObject({ name: z.string() }).parse(input);
        if (this.models.has(name)) throw new Refusal('RESOURCE_ALREADY_EXISTS', name);
        this.models.set(name, { versions: [], aliases: new Map() });
        return { registered_model: { name } };
      }
      case 'POST mlflow/model-versions/create': {
        const { name, run_id: run } = z
          .strictObject({ name: z.string(), source: z.string(), run_id: z.string(), tags: z.array(entry) })
          .parse(input);
        const model = this.models.get(name);
        if (model === undefined) throw new Refusal('RESOURCE_DOES_NOT_EXIST', name, 404);
        const { versions } = model;
        versions.push({ version: String(versions.length + 1), run });
        return { model_version: { name, version: String(versions.length) } };
      }
      case 'POST mlflow/registered-models/alias': {
        const { name, alias, version } = z
          .strictObject({ name: z.string(), alias: z.string(), version: z.string() })
          .parse(input);
        this.models.get(name)?.aliases.set(alias, version);
        return {};
      }
      default:
        throw new Refusal('ENDPOINT_NOT_FOUND', call, 404);
    }
  }

  #run(id: string): StoredRun {
    const run = this.runs.get(id);
    if (run === undefined) throw new Refusal('RESOURCE_DOES_NOT_EXIST', id, 404);
    return run;
  }

  #info(id: string): object {
    const { status, experiment } = this.#run(id);
    return { run_id: id, status, artifact_uri: `${this.artifactRoot}${experiment}/${id}/artifacts` };
  }

  #logBatch(input: unknown): unknown {
    const batch = z
      .strictObject({
        run_id: z.string(),
        params: z.array(entry).max(100).default([]),
        tags: z.array(entry).max(100).default([]),
        metrics: z.array(metric).max(1000).default([]),
      })
      .parse(input);
    const run = this.#run(batch.run_id);
    for (const { key: name, value } of batch.params) {
      if ((run.params.get(name) ?? value) !== value) throw new Refusal('INVALID_PARAMETER_VALUE', `${name} changes`);
      run.params.set(name, value);
    }
    for (const tag of batch.tags) run.tags.set(tag.key, tag.value);
    run.metrics.push(...batch.metrics);
    return {};
  }
}
