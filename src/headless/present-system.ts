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

export function presentHealth({ components }: Awaited<ReturnType<Client['system']['health']>>): string {
  const table = formatTable(components, [
    { title: 'PART', value: ({ title }) => title },
    { title: 'STATE', value: ({ state }) => state },
    { title: 'SINCE', value: ({ since }) => since },
    { title: 'FOUND', value: ({ detail }) => detail, most: 90 },
  ]);
  const actions = components.flatMap(({ title, action }) => (action === null ? [] : [`${title}: ${action}\n`]));
  return [table, ...(actions.length > 0 ? ['\n', ...actions] : [])].join('');
}

export function presentSlos({ slos }: Awaited<ReturnType<Client['slos']['list']>>): string {
  const burn = (slo: (typeof slos)[number], i: number) => {
    const value = slo.rules[i]?.longBurn ?? null;
    return value === null ? '–' : figure(value);
  };
  const table = formatTable(slos, [
    { title: 'SERVICE LEVEL', value: ({ title }) => title },
    { title: 'STATE', value: ({ state }) => state },
    {
      title: 'BUDGET LEFT',
      value: ({ budgetLeft }) => (budgetLeft === null ? '–' : `${figure(100 * budgetLeft)} %`),
      align: 'right',
    },
    { title: 'BURN 1 H', value: (slo) => burn(slo, 0), align: 'right' },
    { title: '6 H', value: (slo) => burn(slo, 1), align: 'right' },
    { title: '3 D', value: (slo) => burn(slo, 2), align: 'right' },
    { title: 'FOUND', value: ({ detail }) => detail, most: 70 },
  ]);
  return `${table}\n${slos.map(({ title, objective }) => `${title}: ${objective}\n`).join('')}`;
}
