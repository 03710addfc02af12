/** The root: providers, the session, and the live feed that keeps every page current. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useAppearance } from './appearance-store';
import { useLive } from './live-store';
import { router } from './router';
import { SignIn } from './sign-in';
import { followWorkspace, useStart } from './start-store';
import { cssVariables, theme } from './theme';

function Workspace() {
  useEffect(() => {
    const stop = new AbortController();
    followWorkspace(stop.signal);
    return () => stop.abort();
  }, []);
  return <RouterProvider router={router} />;
}

const ENDED =
  'The access of this tab has ended, because the host was started again. Runs and data are kept; sign in to go on.';

export function App() {
  const { phase, error } = useStart();
  const refused = useLive((state) => state.connection === 'refused');
  useAppearance();
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Notifications position="bottom-right" limit={3} autoClose={6000} />
      {phase === 'signed-out' || refused ? (
        <SignIn note={refused ? ENDED : (error?.message ?? null)} />
      ) : (
        phase === 'ready' && <Workspace />
      )}
    </MantineProvider>
  );
}
