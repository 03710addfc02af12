/** `sextant serve` and `npm start`: the workstation in a browser, until a signal or the contract stops it. */
import { AppError } from '#base/errors';
import { parseArguments } from './arguments';
import { printJson, type CommandContext } from './command-context';
import { createHeadlessHost } from './headless-host';
import { findLocalCommand } from './local-commands';
import { serveWorkspace, untilAskedToStop } from './serve';

export async function runServe(words: readonly string[], context: CommandContext): Promise<void> {
  const fields = findLocalCommand('serve')?.fields ?? [];
  const { local } = parseArguments(words, { fields: [], positional: [], local: fields, help: 'sextant serve --help' });
  const port = typeof local.port === 'number' ? local.port : undefined;
  if (port !== undefined && (port < 0 || port > 65_535))
    throw new AppError('BAD_REQUEST', `Expected a port from 0 to 65535, found ${port}.`);
  const perMinute = local['per-minute'];
  if (typeof perMinute === 'number' && perMinute < 1) {
    throw new AppError('BAD_REQUEST', `Expected at least 1 request per minute, found ${perMinute}.`);
  }
  const { terminal, log, workspace, program } = context;
  const reason = terminal.environment.SEXTANT_HOST_REASON ?? null;
  const host = await createHeadlessHost({ workspace, workerEntry: program.workerEntry, terminal, log, reason });
  const served = await serveWorkspace({
    host,
    port,
    rendererDir: program.rendererDir,
    ...(typeof perMinute === 'number' ? { perMinute } : {}),
  });
  try {
    const stopped = untilAskedToStop(served.engine, (listener) => terminal.onInterrupt(listener), log);
    const { url, tokenFile } = served;
    if (context.json) printJson(context, { url, tokenFile });
    else {
      terminal.stdout.write(
        [
          `Sextant serves ${workspace}`,
          '',
          `  Open   ${served.signInUrl()}`,
          `         (works once, within a minute; for another link: sextant open)`,
          `  API    ${url}/openapi.json, token in ${tokenFile}`,
          '',
          'Ctrl-C stops it; running jobs resume at the next start.',
          '',
        ].join('\n'),
      );
    }
    await stopped;
  } finally {
    await served.close();
  }
}
