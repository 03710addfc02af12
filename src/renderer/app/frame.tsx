/** The frame around every page: rail, top bar, banner, status bar, palette and keys. */
import { Outlet } from '@tanstack/react-router';
import { ConnectionBanner } from './connection-banner';
import { KeysDialog } from './keys-dialog';
import { Palette } from './palette';
import { Rail } from './rail';
import { StatusBar } from './status-bar';
import { TopBar } from './top-bar';

export function Frame() {
  return (
    <div className="frame">
      <a className="skip-link" href="#page" onClick={focusPage}>
        Skip to the page
      </a>
      <Rail />
      <TopBar />
      <div className="page-area">
        <ConnectionBanner />
        <main id="page" className="page-scroll" tabIndex={-1}>
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
