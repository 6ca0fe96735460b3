/**
 * Binds the route table to Express: limits, authentication, validation, the answer, and 405 for
 * other methods.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type Request, type RequestHandler, type Response } from 'express';
import type { z } from 'zod';
import type { Accounts } from '../accounts/accounts.ts';
import { type Allowance, addressKey, createThrottle } from '../accounts/throttle.ts';
import { AppError } from '../errors.ts';
import { readableAnywhere } from './headers.ts';
import type { Route } from './route.ts';
import { saneBody } from './sane-body.ts';
import type { Observe } from './services.ts';

const MAX_BODY_BYTES = 16 * 1024;
/**
 * A body that is too large is still read up to here, so that its sender gets to see the answer;
 * then it is cut off.
 */
const MAX_DISCARDED_BYTES = 256 * 1024;
const MAX_DEVICE_LENGTH = 256;
/**
 * What one address may ask of any one route: as much as this server can do, so that no client takes
 * it all.
 */
const DEFAULT_PER_ADDRESS: Allowance = { points: 30_000, seconds: 60 };

export interface MountOptions {
  readonly accounts: Accounts;
  readonly metricsToken: string | undefined;
  /** Check answers against their schemas: in tests and development, not in production. */
  readonly checkResponses: boolean;
  readonly observe?: Observe | undefined;
}

export function mountRoutes(
  app: express.Application,
  routes: readonly Route[],
  options: MountOptions,
): void {
  for (const definition of routes) {
    const handlers: RequestHandler[] = [];
    if (options.observe) handlers.push(observed(definition, options.observe));
    if (definition.anyOrigin) handlers.push(readableAnywhere);
    handlers.push(limited(definition));
    if (definition.body) {
      handlers.push(jsonBody(definition.maxBodyBytes ?? MAX_BODY_BYTES), saneBody);
    }
    handlers.push(answer(definition, options));
    app[definition.method](definition.path, ...handlers);
  }
  for (const path of new Set(routes.map((each) => each.path))) {
    const methods = routes.filter((each) => each.path === path).map((each) => each.method);
    app.all(path, refuseOtherMethods(methods));
  }
}

/** Parses JSON up to so many bytes. Another content type is an error, not an empty body. */
export function jsonBody(limit: number): RequestHandler {
  const parse = express.json({ limit, inflate: false });
  return (request, response, next) => {
    if (Number(request.get('content-length')) > MAX_DISCARDED_BYTES) {
      throw new AppError('PAYLOAD_TOO_LARGE');
    }
    // False: a body of another type. Null: no body at all, which validation judges.
    if (request.is('application/json') === false) {
      throw new AppError('BAD_REQUEST', 'Send the body as application/json.');
    }
    let received = 0;
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
      // Its length was not announced, and the parser would read it off to the end.
      if (received > MAX_DISCARDED_BYTES) request.destroy();
    });
    parse(request, response, next);
  };
}

/** Knows two kinds of OPTIONS: a preflight has been answered before; this one lists the methods. */
export function refuseOtherMethods(methods: readonly string[]): RequestHandler {
  const upper = methods.map((method) => method.toUpperCase());
  const allow = [...upper, ...(upper.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (request, response) => {
    response.set('Allow', allow);
    if (request.method !== 'OPTIONS') throw new AppError('METHOD_NOT_ALLOWED');
    response.status(204).end();
  };
}

/** The bearer token as sent, or undefined. */
export function bearerToken(request: Request): string | undefined {
  return /^Bearer +(.+)$/i.exec(request.get('authorization') ?? '')?.[1];
}

function limited({ perAddress = DEFAULT_PER_ADDRESS }: Route): RequestHandler {
  const throttle = createThrottle(perAddress);
  return async (request, _response, next) => {
    await throttle(addressKey(request.ip));
    next();
  };
}

function answer(definition: Route, options: MountOptions): RequestHandler {
  return async (request, response) => {
    const token = bearerToken(request);
    if (definition.auth === 'metrics') checkMetricsToken(token, options.metricsToken);
    const identity =
      definition.auth === 'user' ? await options.accounts.authenticate(required(token)) : null;
    if (definition.roles && !definition.roles.some((role) => identity?.roles.includes(role))) {
      throw new AppError('FORBIDDEN');
    }
    const result = await definition.handler({
      params: parsed('params', definition.params, request.params),
      query: parsed('query', definition.query, request.query),
      body: parsed('body', definition.body, request.body ?? {}),
      headers: parsed('headers', definition.headers, headersOf(request, definition.headers)),
      identity: identity as never,
      token,
      visitor: {
        ip: request.ip ?? null,
        device: request.get('user-agent')?.slice(0, MAX_DEVICE_LENGTH) ?? null,
      },
    });
    if (options.checkResponses) checkResponse(definition, result);
    send(response, definition, result);
  };
}

function send(response: Response, definition: Route, result: unknown): void {
  response.status(definition.status ?? 200);
  // Answers hold balances and tokens: no cache keeps them.
  response.set('Cache-Control', 'no-store');
  if (definition.contentType === undefined) response.json(result);
  else response.type(definition.contentType).send(result);
}

function parsed(place: string, schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  const fields = Object.fromEntries(
    outcome.error.issues.map((issue) => [issue.path.join('.') || place, issue.message]),
  );
  const [[field, message] = [place, 'invalid']] = Object.entries(fields);
  throw new AppError('BAD_REQUEST', `${field}: ${message}`, { fields });
}

/** Those that the schema names, under the names that it gives them. */
function headersOf(request: Request, schema: z.ZodType | undefined): Record<string, unknown> {
  const { shape = {} } = (schema ?? {}) as Partial<z.ZodObject>;
  return Object.fromEntries(Object.keys(shape).map((name) => [name, request.get(name)]));
}

function checkResponse(definition: Route, result: unknown): void {
  const outcome = definition.response.safeParse(result);
  if (outcome.success) return;
  const name = `${definition.method.toUpperCase()} ${definition.path}`;
  throw new Error(`${name} answers what its schema does not know: ${outcome.error.message}`);
}

function required(token: string | undefined): string {
  if (token === undefined) throw new AppError('UNAUTHENTICATED');
  return token;
}

function checkMetricsToken(given: string | undefined, expected: string | undefined): void {
  if (expected === undefined) return;
  // Hashed first, so that the comparison takes one time whatever the length.
  const [a, b] = [required(given), expected].map((text) =>
    createHash('sha256').update(text).digest(),
  );
  if (!timingSafeEqual(a as Buffer, b as Buffer)) throw new AppError('UNAUTHENTICATED');
}

function observed(definition: Route, observe: Observe): RequestHandler {
  return (_request, response, next) => {
    const started = performance.now();
    response.once('close', () => {
      observe({
        method: definition.method,
        path: definition.path,
        status: response.statusCode,
        seconds: (performance.now() - started) / 1000,
      });
    });
    next();
  };
}
