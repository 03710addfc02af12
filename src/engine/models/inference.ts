/**
 * Forecasts of sealed models through one warm worker process. The worker starts with the first question, ends after a while of silence,
 * and is started anew after a crash; a model is verified here (hash and seal) and there (golden rows) before it answers.
 */
import { AppError } from '#base/errors';
import {
  UNKNOWN_MODEL,
  type FrameGraph,
  type ModelAnswer,
  type ModelQuestion,
  type PredictionFrame,
} from '#contract/model-questions';
import type { Model } from '#contract/models';
import type { Host } from '../host';
import { isAccident } from '../jobs/job-state';
import type { Supervisor } from '../jobs/supervisor';
import { startWorker, type WorkerProcess } from '../jobs/worker-process';
import type { ModelService } from './model-service';

export interface Inference {
  /** Errors: NOT_FOUND, WORKSPACE_DAMAGED, INVALID_DATA (bundle or frame), WORKER_CRASHED, UNAVAILABLE after three crashes in five minutes. */
  forecast(
    model: string,
    frame: PredictionFrame,
    graph: FrameGraph | undefined,
  ): Promise<ModelAnswer & { readonly model: Model }>;
  close(): Promise<void>;
}

const IDLE_MS = 300_000;

export interface InferenceOptions {
  readonly models: Pick<ModelService, 'find' | 'show' | 'bundle'>;
  readonly host: Pick<Host, 'spawnWorker' | 'log'>;
  readonly supervisor: Pick<Supervisor, 'crashed' | 'refusal'>;
  readonly idleMs?: number;
}

export function createInference({ models, host, supervisor, idleMs = IDLE_MS }: InferenceOptions): Inference {
  let worker: WorkerProcess | null = null;
  let idle: NodeJS.Timeout | undefined;
  let isClosed = false;
  let started = 0;

  function warmWorker(): WorkerProcess {
    if (isClosed) throw new AppError('UNAVAILABLE', 'Sextant is closing; start it again to forecast.');
    clearTimeout(idle);
    idle = setTimeout(() => worker?.cancel(), idleMs);
    idle.unref();
    if (worker !== null) return worker;
    const refusal = supervisor.refusal('inference');
    if (refusal !== null) throw refusal;
    const id = `inference ${++started}`;
    const next = startWorker(
      { name: 'serve-models', input: { engine: 'wasm' } },
      { spawn: () => host.spawnWorker(), log: host.log },
    );
    worker = next;
    next.outcome.catch((error: unknown) => {
      if (isAccident(error)) supervisor.crashed('inference', id, String(error.data?.reason));
    });
    void next.exited.then(() => {
      if (worker === next) worker = null;
    });
    return next;
  }

  async function forecast(ref: string, frame: PredictionFrame, graph: FrameGraph | undefined) {
    const { hash } = models.find(ref);
    const question: ModelQuestion = { hash, frame, ...(graph && { graph }) };
    const first = await warmWorker().ask(question);
    const answer = first === UNKNOWN_MODEL ? await warmWorker().ask({ ...question, ...(await verified(ref)) }) : first;
    return { ...(answer as ModelAnswer), model: models.show(ref) }; // serve-models answers with it
  }

  async function verified(ref: string): Promise<{ readonly bytes: Uint8Array }> {
    const { bytes } = await models.bundle(ref);
    return { bytes };
  }

  return {
    forecast,
    async close() {
      isClosed = true;
      clearTimeout(idle);
      const last = worker;
      last?.cancel();
      await last?.exited;
    },
  };
}
