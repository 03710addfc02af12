/** `sextant open`: a fresh one-time link to the running host. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { API_PREFIX } from '#contract/client';
import { attachToHost } from './attach';
import { parseArguments } from './arguments';
import { printJson, type CommandContext } from './command-context';

const answerSchema = z.object({ code: z.string() });

/** Errors: UNAVAILABLE where no host runs. */
export async function runOpen(words: readonly string[], context: CommandContext): Promise<void> {
  parseArguments(words, { fields: [], positional: [], local: [], help: 'sextant open --help' });
  const attached = await attachToHost(context.workspace);
  if (attached === null) {
    throw new AppError(
      'UNAVAILABLE',
      `Expected a running Sextant on ${context.workspace}, found none. Start it: sextant serve.`,
    );
  }
  const response = await fetch(`${attached.url}${API_PREFIX}/session/code`, {
    method: 'POST',
    headers: { 'x-api-token': attached.token },
  });
  const answer = answerSchema.safeParse(await response.json());
  if (!answer.success)
    throw new AppError('UNAVAILABLE', `Expected a code from ${attached.url}, found status ${response.status}.`);
  const url = `${attached.url}/#code=${answer.data.code}`;
  if (context.json) printJson(context, { url });
  else context.terminal.stdout.write(`${url}\n`);
}
