/** The machine for people at a terminal. */
import type { Client } from '#contract/client';
import { figure, formatTable } from './table';

export function presentDevices({ rungs }: Awaited<ReturnType<Client['system']['devices']>>): string {
  const measured = (value: number | null | undefined, unit: string) =>
    value === null || value === undefined ? '–' : `${figure(value)} ${unit}`;
  const table = formatTable(rungs, [
    { title: 'RUNG', value: ({ rung }) => rung },
    { title: 'HERE', value: ({ status }) => (status === 'works' ? 'works' : 'no') },
    { title: 'DEVICE', value: ({ adapter, title }) => adapter?.name ?? title, most: 44 },
    { title: 'MATMUL', value: ({ probe }) => measured(probe?.matmulGflops, 'GF/s'), align: 'right' },
    { title: 'LSTM STEP', value: ({ probe }) => measured(probe?.lstmStepMs, 'ms'), align: 'right' },
    { title: 'COPY', value: ({ probe }) => measured(probe?.copyGBs, 'GB/s'), align: 'right' },
  ]);
  const reasons = rungs.flatMap(({ rung, reason }) => (reason === null ? [] : [`${rung}: ${reason}\n`]));
  const step = rungs.find(({ probe }) => probe !== null && probe.lstmStepMs !== null)?.probe?.lstmStep;
  const note = step === undefined ? '' : `LSTM step: one training step, ${step}.\n`;
  return [table, ...(reasons.length > 0 ? ['\n', ...reasons] : []), note === '' ? '' : `\n${note}`].join('');
}

const GIBIBYTE = 2 ** 30;

export function presentStorage(storage: Awaited<ReturnType<Client['system']['storage']>>): string {
  const { state, since, freeBytes, totalBytes, message } = storage;
  const room =
    freeBytes === null || totalBytes === null
      ? ''
      : `, ${figure(freeBytes / GIBIBYTE)} of ${figure(totalBytes / GIBIBYTE)} GiB free`;
  return `Disk: ${state} since ${since}${room}.\n${message === null ? '' : `${message}\n`}`;
}
