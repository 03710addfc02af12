/**
 * The interactive API reference: Swagger UI over this host's own OpenAPI document. Nothing comes from elsewhere, and the
 * token stays in this tab: it is that of the signed-in screen, or one that is typed in.
 */
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';
import './page.css';
import { exchangeCode, storedToken, takeCode } from '#renderer/app/session';

const form = document.querySelector<HTMLFormElement>('#sign-in');
const field = document.querySelector<HTMLInputElement>('#token');
const note = document.querySelector('#note');

function ask(why: string | null): void {
  if (form === null || note === null) return;
  form.hidden = false;
  if (why !== null) note.textContent = why;
}

/** Draws the reference, or asks for a token where this one is none. */
async function show(token: string): Promise<void> {
  const response = await fetch('/openapi.json', { headers: { 'x-api-token': token } }).catch(() => null);
  if (response === null) return ask('The host does not answer. Start it again.');
  if (response.status === 401) return ask('This token is not valid, or not any more.');
  if (!response.ok) return ask(`The host answered ${response.status}. Try again in a minute.`);
  if (form !== null) form.hidden = true;
  SwaggerUI({
    spec: await response.json(),
    dom_id: '#operations',
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    displayOperationId: true,
    filter: true,
    // Neither a badge of a foreign validator nor a redirect address is wanted.
    validatorUrl: null,
    requestInterceptor: (request) => {
      request.headers['X-API-Token'] ??= token;
      return request;
    },
  });
}

form?.addEventListener('submit', (event) => {
  event.preventDefault();
  if (field === null) return;
  const token = field.value.trim();
  field.value = '';
  void show(token);
});

const code = takeCode();
if (code !== null) await exchangeCode(code).catch((error: unknown) => ask(String(error)));
const token = storedToken();
if (token === null) ask(null);
else await show(token);
