/** The card's memory as a bar of its budget: this program's share, other programs' in another color, and the line at 90 %. */
import { VRAM_ALERT_SHARE, type VramState } from '#contract/vram';
import { bytes, percent } from '#renderer/format';

/** Widths in percent of the bar; what exceeds the budget is cut at its end. */
export function meterShares({ usedBytes, ownBytes, budgetBytes }: VramState): { own: number; foreign: number } {
  if (usedBytes === null || !(budgetBytes > 0)) return { own: 0, foreign: 0 };
  const used = Math.min(1, usedBytes / budgetBytes);
  const own = Math.min(used, (ownBytes ?? 0) / budgetBytes);
  return { own: own * 100, foreign: (used - own) * 100 };
}

export function vramTitle({ usedBytes, ownBytes, foreignBytes, budgetBytes, reason, isAlert }: VramState): string {
  if (usedBytes === null) return reason ?? 'The use of the card is unknown.';
  const share = percent(usedBytes / budgetBytes, 0);
  const alert = isAlert ? ' Nothing new starts on the card until use falls below 85 %.' : '';
  return `Sextant ${bytes(ownBytes ?? 0)}, other programs ${bytes(foreignBytes ?? 0)}: ${share} of the VRAM budget.${alert}`;
}

export function VramMeter({ vram }: { readonly vram: VramState }) {
  const { own, foreign } = meterShares(vram);
  return (
    <span
      className={vram.isAlert ? 'meter vram-meter alert' : 'meter vram-meter'}
      role="img"
      aria-label={vramTitle(vram)}
    >
      <i style={{ width: `${own}%` }} />
      <i className="foreign" style={{ width: `${foreign}%` }} />
      <b style={{ left: `${VRAM_ALERT_SHARE * 100}%` }} />
    </span>
  );
}
