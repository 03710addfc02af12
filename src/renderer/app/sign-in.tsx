/** Shown in a browser that has no token: how to open the workstation. */
import { Icon } from '#renderer/ui/icon';

/** `note` says why the person is here, where there is more to say than that no token is known. */
export function SignIn({ note }: { readonly note: string | null }) {
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
        {note !== null && (
          <p className="notice" data-tone="warn" role="alert">
            {note}
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
