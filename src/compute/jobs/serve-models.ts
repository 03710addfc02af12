/**
 * The inference worker: loads sealed models once, keeps them warm, and answers frames until it is cancelled. It is told which model a
 * frame is for by the hash of its bytes, and gets the bytes only when it has not seen them.
 */
import { z } from 'zod';
import { UNKNOWN_MODEL, type ModelAnswer, type ModelQuestion } from '#contract/model-questions';
import type { NetworkEngine } from '#quant/nn/engine';
import type { JobContext } from '../job';
import { checkFrame } from '../models/frame';
import { loadModel, type LoadedModel } from '../models/load-model';
import { loadEngine } from '../nn/engines';

const MOST_MODELS = 8;
const questionSchema = z.custom<ModelQuestion>(
  (value) => typeof value === 'object' && value !== null && 'hash' in value,
);

export async function run(
  { engine: id }: { readonly engine: 'wasm' | 'reference' },
  context: JobContext,
): Promise<null> {
  const engine = await loadEngine(id);
  const models = new Map<string, LoadedModel>();
  await context.answerUntilCancelled(async (asked) => {
    const question = questionSchema.parse(asked);
    const model = models.get(question.hash) ?? (await take(question, engine, models));
    if (model === undefined) return UNKNOWN_MODEL;
    const { inputs, refusals, warnings } = checkFrame(model.manifest, question.frame);
    const forecasts = await model.forecast(inputs, question.graph);
    const answer: ModelAnswer = { device: model.device, forecasts, refusals, warnings };
    return answer;
  });
  for (const model of models.values()) model.dispose();
  return null;
}

/** Loads a model and forgets the one that was loaded first where there are too many. */
async function take(
  { hash, bytes }: ModelQuestion,
  engine: NetworkEngine,
  models: Map<string, LoadedModel>,
): Promise<LoadedModel | undefined> {
  if (bytes === undefined) return undefined;
  const model = await loadModel(bytes, engine);
  const [oldest] = models;
  if (models.size >= MOST_MODELS && oldest !== undefined) {
    oldest[1].dispose();
    models.delete(oldest[0]);
  }
  models.set(hash, model);
  return model;
}
