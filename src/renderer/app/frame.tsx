/** The frame around every page: rail, top bar, banner, status bar, palette and keys. */
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { ConnectionBanner } from './connection-banner';
import { KeysDialog } from './keys-dialog';
import { Palette } from './palette';
import { Rail } from './rail';
import { StatusBar } from './status-bar';
import { StorageBanner } from './storage-banner';
import { TopBar } from './top-bar';

/** A new page starts at its top; the page area scrolls, not the window. */
function usePageTop() {
  const area = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    area.current?.scrollTo({ top: 0 });
  }, [path]);
  return area;
}

export function Frame() {
  const area = usePageTop();
  return (
    <div className="frame">
      <a className="skip-link" href="#page" onClick={focusPage}>
        Skip to the page
      </a>
      <Rail />
      <TopBar />
      <div className="page-area">
        <ConnectionBanner />
        <StorageBanner />
        <main ref={area} id="page" className="page-scroll" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <StatusBar />
      <Palette />
      <KeysDialog />
    </div>
  );
}

/** The fragment of the address belongs to the router, so the link moves the focus itself. */
function focusPage(event: { preventDefault(): void }) {
  event.preventDefault();
  document.getElementById('page')?.focus();
}
