/** Questions to a job that stays: kept until it answers, answered one after the other, each exactly once. */
import { AppError, toWire } from '#base/errors';
import type { FromWorker } from '#contract/worker-messages';

export type AnswerQuestion = (question: unknown) => Promise<unknown>;

export interface Questions {
  put(id: number, question: unknown): void;
  /** From now on questions go to `handler`; those that waited go first. */
  answer(handler: AnswerQuestion): void;
}

export function createQuestions(post: (message: FromWorker) => void): Questions {
  const waiting: { readonly id: number; readonly question: unknown }[] = [];
  let handler: AnswerQuestion | null = null;
  let isAnswering = false;

  async function answerAll(): Promise<void> {
    if (isAnswering || handler === null) return;
    isAnswering = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { id, question } = next;
      try {
        post({ type: 'answer', id, answer: await handler(question) });
      } catch (error) {
        post({ type: 'refusal', id, error: toWire(error) });
      }
    }
    isAnswering = false;
  }

  return {
    put(id, question) {
      waiting.push({ id, question });
      void answerAll();
    },
    answer(given) {
      if (handler !== null) throw new AppError('INTERNAL', 'Expected one handler of questions per job.');
      handler = given;
      void answerAll();
    },
  };
}
