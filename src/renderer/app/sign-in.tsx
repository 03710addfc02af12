/** Shown in a browser that has no token: how to open the workstation. */
import type { AppError } from '#base/errors';
import { Icon } from '#renderer/ui/icon';

export function SignIn({ error }: { readonly error: AppError | null }) {
  return (
    <main className="sign-in">
      <section aria-labelledby="sign-in-title">
        <span className="rail-brand" style={{ justifyContent: 'start', placeItems: 'center start' }}>
          <Icon name="brand" size={30} />
        </span>
        <h1 id="sign-in-title">Open the address that Sextant printed</h1>
        <p className="secondary">
          This workstation answers only to whoever started it. The host prints an address with a one-time code; the code
          works once, for one minute, and this tab keeps the access until it is closed.
        </p>
        {error !== null && (
          <p className="notice" role="alert">
            {error.message}
          </p>
        )}
        <ol className="stack tight" style={{ paddingLeft: 18 }}>
          <li>Look at the terminal in which Sextant runs.</li>
          <li>
            Open the address it shows, or run <code>sextant open</code> for a fresh one.
          </li>
        </ol>
        <p className="caption">Everything stays on this machine. Nothing was sent anywhere.</p>
      </section>
    </main>
  );
}
