/**
 * Forecasts of sealed models through one warm worker process. The worker starts with the first question, ends after a while of silence,
 * and is started anew after a crash; a model is verified here (hash and seal) and there (golden rows) before it answers.
 */
import { AppError } from '#base/errors';
import { withFields } from '#base/log';
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
  /**
   * Errors: NOT_FOUND, WORKSPACE_DAMAGED, INVALID_DATA (bundle or frame), INVALID_CONFIG and DEVICE_UNAVAILABLE (what SEXTANT_INFERENCE names),
   * WORKER_CRASHED, UNAVAILABLE after three crashes in five minutes.
   */
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
  readonly host: Pick<Host, 'spawnWorker' | 'log' | 'environment'>;
  readonly supervisor: Pick<Supervisor, 'crashed' | 'refusal'>;
  readonly idleMs?: number;
}

/** Our own kernels unless SEXTANT_INFERENCE names the optional ONNX Runtime. Errors: INVALID_CONFIG for any other name. */
function answeringEngine(wanted = 'wasm'): 'wasm' | 'onnxruntime' {
  if (wanted === 'wasm' || wanted === 'onnxruntime') return wanted;
  throw new AppError(
    'INVALID_CONFIG',
    `Expected SEXTANT_INFERENCE to be wasm or onnxruntime, found "${wanted}". Leave it out for our own kernels.`,
    { data: { path: 'SEXTANT_INFERENCE', found: wanted } },
  );
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
    const engine = answeringEngine(host.environment?.SEXTANT_INFERENCE);
    const id = `inference ${++started}`;
    const next = startWorker(
      { name: 'serve-models', input: { engine } },
      { spawn: () => host.spawnWorker(withFields(host.log, { component: 'worker' })), log: host.log },
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
