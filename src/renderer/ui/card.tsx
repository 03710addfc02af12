/** A surface with a thin line around it, a heading and room for small actions. */
import { type ReactNode, useId } from 'react';

export interface CardProps {
  readonly title?: ReactNode;
  /** Controls in place of the title; then `label` names the card. */
  readonly head?: ReactNode;
  readonly label?: string;
  readonly actions?: ReactNode;
  /** Columns of the 12-column grid. */
  readonly span?: number;
  /** Content touches the border (tables). */
  readonly flush?: boolean;
  readonly fill?: boolean;
  readonly id?: string;
  readonly children: ReactNode;
}

export function Card({ title, head, label, actions, span, flush = false, fill = false, id, children }: CardProps) {
  const heading = useId();
  return (
    <section
      className={fill ? 'card fill' : 'card'}
      style={span === undefined ? undefined : { gridColumn: `span ${span}` }}
      aria-label={label}
      aria-labelledby={title === undefined ? undefined : heading}
      id={id}
    >
      {(title !== undefined || head !== undefined) && (
        <header>
          {head !== undefined && <div className="grow">{head}</div>}
          {title !== undefined && (
            <h2 id={heading} className="clip">
              {title}
            </h2>
          )}
          {actions}
        </header>
      )}
      <div className={flush ? 'card-body flush' : 'card-body'}>{children}</div>
    </section>
  );
}
