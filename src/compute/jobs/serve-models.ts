/**
 * The inference worker: loads sealed models once, keeps them warm, and answers frames until it is cancelled. It is told which model a
 * frame is for by the hash of its bytes, and gets the bytes only when it has not seen them.
 */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { UNKNOWN_MODEL, type ModelAnswer, type ModelQuestion } from '#contract/model-questions';
import type { JobContext } from '../job';
import { checkFrame } from '../models/frame';
import { loadModel, loadModelWith, type LoadedModel } from '../models/load-model';
import { loadOnnxRuntime, onnxCommittee } from '../models/onnx-runtime';
import { loadEngine } from '../nn/engines';

const MOST_MODELS = 8;
const questionSchema = z.custom<ModelQuestion>(
  (value) => typeof value === 'object' && value !== null && 'hash' in value,
);

type Loader = (bytes: Uint8Array) => Promise<LoadedModel>;

/** Errors: DEVICE_UNAVAILABLE where ONNX Runtime was asked for and is not there; nothing else answers in its place. */
export async function run(
  { engine }: { readonly engine: 'wasm' | 'reference' | 'onnxruntime' },
  context: JobContext,
): Promise<null> {
  const load = await loaderOf(engine);
  const models = new Map<string, LoadedModel>();
  await context.answerUntilCancelled(async (asked) => {
    const question = questionSchema.parse(asked);
    const model = models.get(question.hash) ?? (await take(question, load, models));
    if (model === undefined) return UNKNOWN_MODEL;
    const { inputs, refusals, warnings } = checkFrame(model.manifest, question.frame);
    const forecasts = await model.forecast(inputs, question.graph);
    const answer: ModelAnswer = { device: model.device, forecasts, refusals, warnings };
    return answer;
  });
  for (const model of models.values()) model.dispose();
  return null;
}

async function loaderOf(id: 'wasm' | 'reference' | 'onnxruntime'): Promise<Loader> {
  if (id === 'onnxruntime') {
    const runtime = loadOnnxRuntime();
    return (bytes) => loadModelWith(bytes, (bundle) => onnxCommittee(runtime, bundle, availableParallelism()));
  }
  const engine = await loadEngine(id);
  return (bytes) => loadModel(bytes, engine);
}

/** Loads a model and forgets the one that was loaded first where there are too many. */
async function take(
  { hash, bytes }: ModelQuestion,
  load: Loader,
  models: Map<string, LoadedModel>,
): Promise<LoadedModel | undefined> {
  if (bytes === undefined) return undefined;
  const model = await load(bytes);
  const [oldest] = models;
  if (models.size >= MOST_MODELS && oldest !== undefined) {
    oldest[1].dispose();
    models.delete(oldest[0]);
  }
  models.set(hash, model);
  return model;
}
