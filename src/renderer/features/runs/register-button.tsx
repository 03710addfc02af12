/** Registers a finished run as a version of its model, and goes there; one that is registered already is only shown. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { toAppError } from '#renderer/app/client';
import { readVersions, registerRun, useRegistry } from '../registry/registry-store';

export function RegisterButton({ run }: { readonly run: string }) {
  const navigate = useNavigate();
  const known = useRegistry((state) => state.list.value?.find((version) => version.run === run));
  useEffect(() => {
    void readVersions();
  }, []);
  if (known !== undefined) {
    return (
      <Button
        variant="default"
        renderRoot={(props) => <Link {...props} to="/models/$version" params={{ version: known.id }} />}
        title={`Registered as ${known.label}`}
      >
        Model
      </Button>
    );
  }
  const register = () => {
    registerRun(run)
      .then((version) => navigate({ to: '/models/$version', params: { version } }))
      .catch((error: unknown) =>
        notifications.show({ color: 'red', title: 'Not registered', message: toAppError(error).message }),
      );
  };
  return (
    <Button variant="default" onClick={register} title="As the next version of its model">
      Register
    </Button>
  );
}
