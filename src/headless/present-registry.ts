/** The registry for people at a terminal: who is champion, the checklist of the gate, and what differs. */
import type { Client } from '#contract/client';
import { more } from './present-datasets';
import { figure, formatPairs, formatTable } from './table';

type Answer<Name extends keyof Client['registry']> = Awaited<ReturnType<Client['registry'][Name]>>;

const MARKS = { passed: '✓', failed: '✕', warning: '!', 'not-run': '–' } as const;

export function presentVersions({ versions, total }: Answer<'list'>): string {
  if (total === 0) return 'Nothing is registered yet. Register a finished run: sextant registry register latest\n';
  const table = formatTable(versions, [
    { title: 'VERSION', value: ({ label }) => label },
    { title: 'STAGE', value: ({ stage }) => stage },
    { title: 'ALIASES', value: ({ aliases }) => aliases.map((alias) => `@${alias}`).join(' ') },
    { title: 'SHARPE', value: ({ sharpe }) => (sharpe.value === null ? '–' : figure(sharpe.value)), align: 'right' },
    { title: 'LEAKAGE', value: ({ leakage }) => leakage },
    { title: 'GATE', value: ({ gate }) => gate?.decision ?? 'not run' },
    { title: 'RUN', value: ({ runName }) => runName },
    { title: 'ID', value: ({ id }) => id },
  ]);
  return table + more(versions.length, total);
}

export function presentVersion(version: Answer<'show'>): string {
  const { card, lastGate, history } = version;
  const head = formatPairs([
    ['version', version.label],
    ['id', version.id],
    ['stage', version.stage],
    ['aliases', version.aliases.map((alias) => `@${alias}`).join(' ')],
    ['run', version.runName],
    ['artifact', `${version.artifact.sha256} (${version.artifact.bytes} bytes)`],
    ['rollback to', version.rollbackTo],
  ]);
  const facts = formatTable(card.facts, [
    { title: 'CARD', value: ({ section }) => section },
    { title: '', value: ({ name }) => name },
    { title: '', value: ({ value }) => value, most: 90 },
  ]);
  const limits = card.limits.map((limit) => `limit: ${limit}\n`).join('');
  const moves = history
    .map(
      ({ at, action, alias, to, actor, reason }) =>
        `${at}  ${action} ${alias ?? ''} ${to ?? ''} by ${actor}${reason === '' ? '' : `: ${reason}`}\n`,
    )
    .join('');
  return [head, facts, limits, lastGate === null ? '' : presentGate(lastGate), moves]
    .filter((part) => part !== '')
    .join('\n');
}

function presentGate({ checks, verdict, champion }: NonNullable<Answer<'show'>['lastGate']>): string {
  const lines = checks.map(({ status, title, summary }) => `${MARKS[status]} ${title}: ${summary}\n`).join('');
  return `Gate against ${champion === null ? 'equal weight' : champion.label}\n${lines}${verdict}\n`;
}

export function presentVersionComparison({ versions, facts }: Answer<'compare'>): string {
  if (facts.length === 0) return 'Nothing differs.\n';
  return formatTable(facts, [
    { title: 'FACT', value: ({ name }) => name },
    ...versions.map(({ label }, i) => ({ title: label, value: (row: (typeof facts)[number]) => row.values[i] })),
  ]);
}

export function presentVerification({ label, intact, artifacts }: Answer<'verify'>): string {
  const lines = artifacts.map(
    ({ name, sha256, problem }) =>
      `${problem === null ? '✓' : '✕'} ${name}  ${sha256}${problem === null ? '' : `  ${problem}`}\n`,
  );
  return `${lines.join('')}${label} is ${intact ? 'intact' : 'DAMAGED'}.\n`;
}
