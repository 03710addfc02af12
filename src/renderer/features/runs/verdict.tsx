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

/** The leakage audit beside the verdict: shown when it failed or was not made, quiet when it passed. */
export function AuditChip({ audit }: { readonly audit: Run['audit'] }) {
  if (audit === null) return <Chip tone="warn">Not audited</Chip>;
  return audit.passed ? (
    <Chip tone="gain" title="No training row overlaps a test window, and no fill uses the bar of its decision.">
      ✓ Audit passed
    </Chip>
  ) : (
    <Chip tone="danger">✕ Leak suspected</Chip>
  );
}
