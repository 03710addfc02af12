/** The stage of a version with its aliases, and the decision of a gate, as small labels. */
import type { PromotionGate, VersionSummary } from '#contract/registry';
import { Chip, type Tone } from '#renderer/ui/chip';

const TONES: Readonly<Record<VersionSummary['stage'], Tone>> = {
  Production: 'gain',
  Staging: 'accent',
  Archived: 'neutral',
  None: 'neutral',
};

export function StageChip({ stage, aliases }: Pick<VersionSummary, 'stage' | 'aliases'>) {
  return (
    <span className="row">
      {stage !== 'None' && <Chip tone={TONES[stage]}>{stage}</Chip>}
      {aliases.map((alias) => (
        <span key={alias} className="faint mono">
          @{alias}
        </span>
      ))}
      {stage === 'None' && aliases.length === 0 && <span className="faint">–</span>}
    </span>
  );
}

const DECISIONS: Readonly<Record<PromotionGate['decision'], { readonly tone: Tone; readonly text: string }>> = {
  promoted: { tone: 'gain', text: '✓ held' },
  'promoted-with-override': { tone: 'warn', text: '! overridden' },
  refused: { tone: 'danger', text: '✕ not held' },
  superseded: { tone: 'neutral', text: '– overtaken' },
};

export function DecisionChip({ decision }: { readonly decision: PromotionGate['decision'] | null }) {
  if (decision === null) return <span className="faint">not run</span>;
  const { tone, text } = DECISIONS[decision];
  return <Chip tone={tone}>{text}</Chip>;
}
