/** `sextant demo`: the main job from end to end on a sample market, in under a minute, with nothing to prepare. */
import { join } from 'node:path';
import type { Client } from '#contract/client';
import { runConfigSchema, type Run } from '#contract/runs';
import { parseArguments } from './arguments';
import { printJson, type CommandContext } from './command-context';
import { followJob } from './follow-job';
import { readRunConfig } from './operation-command';
import { presentWeights } from './present-portfolios';
import { presentStrategies } from './present-runs';
import { createProgress, type ProgressReporter } from './progress';
import { writeReportFiles } from './report-files';

const WEIGHTS_SHOWN = 10;

export async function runDemo(words: readonly string[], context: CommandContext): Promise<void> {
  parseArguments(words, { fields: [], positional: [], local: [], help: 'sextant demo --help' });
  const { terminal, workspace } = context;
  const started = performance.now();
  const progress = createProgress(terminal.stderr);
  const session = await context.openSession();
  try {
    const { client } = session;
    const step = (number: number, text: string) => progress.note(`[${number}/5] ${text}`);
    const follow = (job: string) => followJob(client, job, { terminal, progress, staysBehind: session.url !== null });

    step(1, 'Sample market: 60 assets, 6 years, seed 1');
    const generated = await client.datasets.generate({ name: 'sample', preset: 'small', seed: 1 });
    await follow(generated.job);
    step(2, 'Data quality');
    await noteQuality(client, generated.dataset, progress);
    step(3, 'Walk-forward run: ridge against seven rivals, after costs (configs/experiments/demo.yaml)');
    const file = join(context.program.root, 'configs', 'experiments', 'demo.yaml');
    const config = runConfigSchema.parse(await readRunConfig(file));
    const { job, run: id } = await client.runs.start({ config });
    await follow(job);
    const run = await client.runs.show({ run: id });
    step(4, 'Weights for the next rebalance');
    const portfolio = run.portfolio === null ? null : await client.portfolios.show({ portfolio: run.portfolio });
    step(5, 'Report');
    const { report: made, job: making } = await client.reports.create({ run: id, format: ['html', 'pdf'] });
    await follow(making);
    const reports = await writeReportFiles(client, made, join(workspace, 'reports'));
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
    if (context.json) {
      printJson(context, {
        workspace,
        dataset: generated.dataset,
        run: id,
        portfolio: run.portfolio,
        reports,
        seconds,
      });
      return;
    }
    terminal.stdout.write(
      [
        '',
        headline(run),
        '',
        presentStrategies(run.strategies),
        ...(portfolio === null
          ? []
          : [
              `Weights decided on ${portfolio.decidedOn}, to be filled on ${portfolio.fillOn}:`,
              presentWeights(portfolio.weights, WEIGHTS_SHOWN),
            ]),
        ...reports.map((path) => `Report     ${path}`),
        `Workspace  ${workspace}`,
        `Took       ${seconds} s`,
        '',
        'Next: sextant runs show latest, or sextant serve for the screen.',
        '',
      ].join('\n'),
    );
  } finally {
    progress.done();
    await session.close();
  }
}

async function noteQuality(client: Client, dataset: string, progress: ProgressReporter): Promise<void> {
  const { manifest } = await client.datasets.show({ dataset });
  const { findings } = await client.datasets.quality({ dataset });
  progress.note(
    `      ${manifest.rows} rows, ${manifest.assets} assets, ${manifest.firstDate} to ${manifest.lastDate}`,
  );
  for (const { severity, title, count } of findings) progress.note(`      ${severity}: ${title} (${count})`);
}

function headline(run: Run): string {
  return run.headline?.verdict ?? `The run ended as ${run.status}.`;
}
