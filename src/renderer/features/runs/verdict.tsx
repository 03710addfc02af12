/** The verdict of a run as chip and words: what the numbers allow to say, never more. */
import type { Run, RunSummary } from '#contract/runs';
import { Chip } from '#renderer/ui/chip';

type Headline = NonNullable<RunSummary['headline']>;

export function VerdictChip({ headline }: { readonly headline: Headline }) {
  if (headline.distinguishable === true) return <Chip tone="gain">Distinguishable</Chip>;
  if (headline.distinguishable === false) return <Chip>Not distinguishable</Chip>;
  const needed = /needs? [^.,;)]*years?/i.exec(headline.verdict)?.[0];
  return <Chip tone="warn">{needed === undefined ? 'Not tested' : `Too short (${needed})`}</Chip>;
}

/** What the leakage guards say, beside the verdict. The check of splits and fills is part of every run and can fail alone. */
export function AuditChip({ run }: { readonly run: Pick<Run, 'audit' | 'leakage'> }) {
  const { audit, leakage } = run;
  if ((audit !== null && !audit.passed) || leakage?.status === 'failed') {
    return <Chip tone="danger">✕ Leak suspected</Chip>;
  }
  if (leakage === null) {
    return <Chip title="The leakage guards have not been run on this run.">Not audited</Chip>;
  }
  return leakage.status === 'passed' ? (
    <Chip tone="gain">✓ Audit passed</Chip>
  ) : (
    <Chip tone="warn">Audit passed with warnings</Chip>
  );
}
