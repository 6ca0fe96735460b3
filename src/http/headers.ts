/** What every answer carries: security headers, and CORS for the configured origins only. */
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { AppError } from '../errors.ts';

const MAX_URL_LENGTH = 2048;
const PREFLIGHT_SECONDS = 600;
const ALLOWED_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const ALLOWED_HEADERS = 'Authorization, Content-Type, Accept, Idempotency-Key, X-Api-Key';

/** Everything from this server; sockets also to other nodes, as a seat reservation may name one. */
export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // The operator's TLS proxy decides for its domain; a laptop in the LAN has no TLS.
    strictTransportSecurity: false,
  });
}

/**
 * Origins are compared with the list, never reflected. Credentials are allowed to the listed ones
 * because the SDKs always fetch with them and a browser would refuse the answer; there is no cookie
 * here that they could carry.
 */
export function cors(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  return (request, response, next) => {
    const origin = request.get('origin');
    const preflight =
      request.method === 'OPTIONS' && request.get('access-control-request-method') !== undefined;
    if (allowed.size > 0) response.vary('Origin');
    if (origin !== undefined && allowed.has(origin)) {
      response.set('Access-Control-Allow-Origin', origin);
      response.set('Access-Control-Allow-Credentials', 'true');
      response.set('Access-Control-Expose-Headers', 'Retry-After');
      // Helmet's same-origin would keep the answer from the page that may have it.
      response.set('Cross-Origin-Resource-Policy', 'cross-origin');
      if (preflight) {
        response.set('Access-Control-Allow-Methods', ALLOWED_METHODS);
        response.set('Access-Control-Allow-Headers', ALLOWED_HEADERS);
        response.set('Access-Control-Max-Age', String(PREFLIGHT_SECONDS));
      }
    }
    if (preflight) response.status(204).end();
    else next();
  };
}

/** For an answer that everybody may have: pages from elsewhere read it too, docs/verify.html from a disk among them. */
export const readableAnywhere: RequestHandler = (_request, response, next) => {
  // A listed origin has its own header already, with which its credentials are allowed.
  if (!response.hasHeader('Access-Control-Allow-Origin')) {
    response.set('Access-Control-Allow-Origin', '*');
    response.set('Cross-Origin-Resource-Policy', 'cross-origin');
  }
  next();
};

/** PostgreSQL's text holds no NUL; no address here has one for a good reason. */
export const saneUrl: RequestHandler = (request, _response, next) => {
  if (request.url.length > MAX_URL_LENGTH || request.url.includes('%00')) {
    throw new AppError('BAD_REQUEST', 'This address is too long or holds a NUL.');
  }
  next();
};
