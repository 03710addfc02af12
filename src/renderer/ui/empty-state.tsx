/** Nothing here yet: one sentence, one action, one sample. */
import type { ReactNode } from 'react';

export interface EmptyStateProps {
  readonly title: string;
  readonly text: string;
  readonly actions?: ReactNode;
}

export function EmptyState({ title, text, actions }: EmptyStateProps) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      <p>{text}</p>
      {actions !== undefined && <div className="row">{actions}</div>}
    </div>
  );
}
