/** The API's own routes: who asks and how often, sign-in, a fresh sign-in code, the OpenAPI document; the rest are operations. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { AppError } from '#base/errors';
import type { ApiConfig } from '#contract/api';
import { API_PREFIX } from '#contract/client';
import { openApiDocument } from '#contract/derive/openapi';
import { sendJson, sendProblem, sendTagged, sendUnauthorized } from './answers';
import { ALL_SCOPES } from './inline';
import { createOperate, type OperateOptions } from './operate';
import type { RateLimiter } from './rate-limit';
import { readJsonBody } from './request-body';
import type { SignIn } from './sign-in';
import { findToken, mintToken, proofOf, type MemoryTokenStore, type TokenRecord } from './tokens';

export interface RestOptions extends OperateOptions {
  readonly tokens: MemoryTokenStore;
  readonly signIn: SignIn;
  readonly version: string;
  /** Asked for at every request, so that a change counts at once. */
  readonly rates: () => Pick<ApiConfig, 'screenPerMinute' | 'strangersPerMinute'>;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

const sessionInput = z.strictObject({ code: z.string().min(1).max(200) });

export interface Rest {
  answer(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void>;
}

export function createRest(options: RestOptions, limiter: RateLimiter): Rest {
  const operate = createOperate(options);
  let described: Buffer | undefined;

  async function route(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    const isSignIn = request.method === 'POST' && pathname === `${API_PREFIX}/session`;
    answerChallenge(request, response, options.tokens);
    const token = presentedToken(request, options.tokens);
    if (token === undefined) {
      takeRate(limiter, 'strangers', options.rates().strangersPerMinute);
      if (isSignIn) await signIn(request, response, options);
      else sendUnauthorized(request, response);
      return;
    }
    takeRate(limiter, token.id, token.perMinute);
    token.used?.();
    if (isSignIn) await signIn(request, response, options);
    else if (pathname === `${API_PREFIX}/session/code` && request.method === 'POST') {
      await readJsonBody(request);
      sendJson(response, 200, JSON.stringify({ code: options.signIn.issue() }));
    } else if (pathname === '/openapi.json' && request.method === 'GET') {
      described ??= Buffer.from(JSON.stringify(openApiDocument(options.version)));
      sendTagged(request, response, described, { 'Content-Type': 'application/json' });
    } else await operate(request, response, token);
  }

  return {
    async answer(request, response, pathname) {
      try {
        await route(request, response, pathname);
      } catch (error) {
        if (!(error instanceof AppError) || response.headersSent) throw error;
        sendProblem(response, error);
        request.resume();
      }
    },
  };
}

/** The screen swaps its one-time code for a token that lives as long as the host; anything else is one more stranger. */
async function signIn(request: IncomingMessage, response: ServerResponse, options: RestOptions): Promise<void> {
  const input = sessionInput.safeParse(await readJsonBody(request).catch(() => undefined));
  if (!input.success || !options.signIn.redeem(input.data.code)) {
    sendUnauthorized(request, response);
    return;
  }
  const { token, record } = mintToken('screen', ALL_SCOPES, () => options.rates().screenPerMinute);
  options.tokens.add(record);
  sendJson(response, 200, JSON.stringify({ token }));
}

/** Both spellings are accepted; two that differ are nobody's. */
function presentedToken(request: IncomingMessage, tokens: MemoryTokenStore): TokenRecord | undefined {
  const header = request.headers['x-api-token'];
  const bearer = /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (typeof header === 'string' && bearer !== undefined && header !== bearer) return undefined;
  const token = typeof header === 'string' ? header : bearer;
  return token === undefined ? undefined : findToken(tokens, token);
}

/** `X-Sextant-Challenge: <name of the token>.<nonce>` is answered by proof of knowing that token, so that a caller can refuse a squatter. */
function answerChallenge(request: IncomingMessage, response: ServerResponse, tokens: MemoryTokenStore): void {
  const match = /^([0-9a-f]{16})\.([0-9a-f]{32,64})$/.exec(String(request.headers['x-sextant-challenge'] ?? ''));
  if (match === null) return;
  const record = [...tokens.all()].find(({ proofId }) => proofId === match[1]);
  if (record !== undefined) {
    response.setHeader('X-Sextant-Proof', proofOf(record.hash, request.headers.host ?? '', match[2]));
  }
}

function takeRate(limiter: RateLimiter, key: string, perMinute: number): void {
  const decision = limiter.take(key, perMinute);
  if (decision.allowed) return;
  const { retryAfterSeconds } = decision;
  throw new AppError(
    'RATE_LIMITED',
    `Expected at most ${perMinute} requests a minute, found more. Try again in ${retryAfterSeconds} s.`,
    { data: { perMinute, retryAfterSeconds } },
  );
}
