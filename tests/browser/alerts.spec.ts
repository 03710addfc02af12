/** The inbox of alerts: a receiver that is gone raises one by itself, the screen shows it without a reload, and a person acknowledges and resolves it. */
import { expect, test } from './fixtures';
import { answers, WebhookReceiver } from '../support/webhook-receiver';

test('an alert comes in, is acknowledged and resolved', async ({ app, host }) => {
  test.setTimeout(120_000);
  await using receiver = await WebhookReceiver.open();
  receiver.behavior = answers(410);
  await host.sextant('webhooks', 'create', 'desk', receiver.url(), '--topics', 'data.*');
  await host.sextant('datasets', 'generate', '--name', 'sample', '--preset', 'small', '--seed', '1');
  const inbox = app.getByRole('region', { name: 'Alerts (1)' });
  await expect(inbox.getByRole('listitem')).toContainText(/warning.*deliveries\.disabled · desk/);
  await inbox.getByRole('button', { name: 'Acknowledge deliveries.disabled desk' }).click();
  await expect(inbox.getByRole('listitem')).toContainText('acknowledged by screen');
  await inbox.getByRole('button', { name: 'Resolve deliveries.disabled desk' }).click();
  await expect(app.getByRole('region', { name: 'Alerts' })).toContainText('Nothing is wrong');
  expect(await host.sextant('alerts', 'list')).toMatchObject({ total: 0 });
});
