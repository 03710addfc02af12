/** Every rung of the device ladder: whether it works on this machine, why not, and what a short probe measured. */
import { Button } from '@mantine/core';
import { useEffect } from 'react';
import type { DeviceRungState } from '#contract/devices';
import { readDevices, useSystem } from '#renderer/app/system-store';
import { decimal } from '#renderer/format';
import { Card } from '#renderer/ui/card';
import { Chip } from '#renderer/ui/chip';
import { RemoteView } from '#renderer/ui/remote-view';

function measured(value: number | null | undefined, unit: string, digits: number): string {
  return value === null || value === undefined ? '–' : `${decimal(value, digits)}\u202f${unit}`;
}

function Rung({ state }: { readonly state: DeviceRungState }) {
  const { title, rung, status, reason, adapter, probe } = state;
  return (
    <tr>
      <th scope="row">
        {title}
        <span className="small secondary">{adapter === null ? rung : `${rung} · ${adapter.name}`}</span>
        {reason !== null && <span className="small secondary">{reason}</span>}
      </th>
      <td>
        <Chip tone={status === 'works' ? 'gain' : 'neutral'}>{status === 'works' ? 'works' : 'not here'}</Chip>
      </td>
      <td className="right">{measured(probe?.matmulGflops, 'GF/s', 0)}</td>
      <td className="right">{measured(probe?.lstmStepMs, 'ms', 1)}</td>
      <td className="right">{measured(probe?.copyGBs, 'GB/s', 1)}</td>
    </tr>
  );
}

export function DevicesCard() {
  const devices = useSystem((state) => state.devices);
  useEffect(() => {
    void readDevices(false);
  }, []);
  const again = (
    <Button size="compact-xs" variant="default" loading={devices.loading} onClick={() => void readDevices(true)}>
      Measure again
    </Button>
  );
  return (
    <Card title="Devices" actions={again}>
      {devices.value === null && devices.error === null ? (
        <p className="secondary" role="status">
          Each rung is tried and measured once; this takes a few seconds.
        </p>
      ) : (
        <RemoteView remote={devices} what="the devices" retry={() => void readDevices(false)}>
          {({ rungs }) => (
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Rung, best first</th>
                  <th scope="col">Here</th>
                  <th scope="col" className="right">
                    Matmul
                  </th>
                  <th scope="col" className="right">
                    LSTM step
                  </th>
                  <th scope="col" className="right">
                    Copy
                  </th>
                </tr>
              </thead>
              <tbody>
                {rungs.map((state) => (
                  <Rung key={state.rung} state={state} />
                ))}
              </tbody>
            </table>
          )}
        </RemoteView>
      )}
    </Card>
  );
}
