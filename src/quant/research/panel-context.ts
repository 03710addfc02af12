/** What a fit of a panel model is given of its research run: an engine or the reason why not, a name of its own, and sealed models. */
import { AppError } from '#base/errors';
import type { FittedNetwork, PanelContext } from '../models/panel-model';
import type { ResearchContext } from './context';
import { scopedStore } from './resume';

interface FitNames {
  readonly seed: number;
  /** Unique within the run. */
  readonly key: string;
  readonly title: string;
  readonly model: string;
  readonly previous?: FittedNetwork | undefined;
}

/** Errors: DEVICE_UNAVAILABLE where nothing here trains networks. */
export function panelContext(context: ResearchContext, { seed, key, title, model, previous }: FitNames): PanelContext {
  const { networks } = context;
  if (networks === undefined) {
    throw new AppError(
      'DEVICE_UNAVAILABLE',
      `Expected an engine that trains "${model}", found none here. Start it as a run.`,
    );
  }
  return {
    seed,
    key,
    title,
    networks,
    breathe: () => context.breathe(),
    ...(previous && { previous }),
    pretrained: (ref) => {
      const found = context.pretrained?.(ref);
      if (found) return found;
      throw new AppError(
        'NOT_FOUND',
        `Expected a sealed model named "${ref}", found none. List them with: sextant models list.`,
      );
    },
  };
}

/** The same run for one of several configurations: folds and networks that are kept under one are never taken for those of another. */
export function scopedContext(context: ResearchContext, scope: string): ResearchContext {
  const { networks, resume } = context;
  return {
    ...context,
    emit: (progress) => context.emit(progress),
    breathe: () => context.breathe(),
    ...(resume && { resume: scopedStore(resume, scope) }),
    ...(networks && {
      networks: {
        train: (task) => networks.train({ ...task, key: `${scope}/${task.key}` }),
        predict: (task) => networks.predict(task),
      },
    }),
  };
}
