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
import { startWorker, type WorkerProcess } from '../jobs/worker-process';
import type { ModelService } from './model-service';

export interface Inference {
  /** Errors: NOT_FOUND, WORKSPACE_DAMAGED, INVALID_DATA (bundle or frame), WORKER_CRASHED. */
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
  readonly idleMs?: number;
}

export function createInference({ models, host, idleMs = IDLE_MS }: InferenceOptions): Inference {
  let worker: WorkerProcess | null = null;
  let idle: NodeJS.Timeout | undefined;
  let isClosed = false;

  function warmWorker(): WorkerProcess {
    if (isClosed) throw new AppError('UNAVAILABLE', 'Sextant is closing; start it again to forecast.');
    clearTimeout(idle);
    idle = setTimeout(() => worker?.cancel(), idleMs);
    idle.unref();
    if (worker !== null) return worker;
    const started = startWorker(
      { name: 'serve-models', input: { engine: 'wasm' } },
      { spawn: () => host.spawnWorker(), log: host.log },
    );
    worker = started;
    void started.exited.then(() => {
      if (worker === started) worker = null;
    });
    return started;
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
