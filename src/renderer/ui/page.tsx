/** A page: title row with chip, sentence and one primary action, then its content. Sets the window's title. */
import { type ReactNode, useEffect } from 'react';

export interface PageProps {
  readonly title: string;
  readonly chip?: ReactNode;
  /** One sentence under the title. */
  readonly sentence?: ReactNode;
  readonly actions?: ReactNode;
  /** Fills the height; what is inside scrolls by itself. */
  readonly fill?: boolean;
  readonly children: ReactNode;
}

export function Page({ title, chip, sentence, actions, fill = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Sextant`;
  }, [title]);
  return (
    <div className={fill ? 'page fill' : 'page'}>
      <header className="page-header">
        <div className="page-title">
          <div className="row">
            <h1 className="clip" title={title}>
              {title}
            </h1>
            {chip}
          </div>
          {sentence !== undefined && <p className="secondary">{sentence}</p>}
        </div>
        {actions !== undefined && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
