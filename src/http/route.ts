/**
 * One HTTP operation as a value: what it takes, what it answers, who may call it. From the same
 * value come the validation of requests, the check of answers in tests, the methods of an address,
 * and OpenAPI.
 */
import type { z } from 'zod';
import type { Identity } from '../accounts/identities.ts';
import type { Visitor } from '../accounts/sessions.ts';
import type { Allowance } from '../accounts/throttle.ts';

/**
 * 'user': a valid access token of an active user. 'metrics': METRICS_TOKEN as bearer, where one is
 * set.
 */
export type Auth = 'none' | 'user' | 'metrics';

/** Names of roles as `roles` holds them; an admin may do everything. */
export type Role = 'support' | 'operator' | 'admin';

export interface Context<Params, Query, Body, Headers, A extends Auth> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly headers: Headers;
  readonly identity: A extends 'user' ? Identity : null;
  /** The bearer token as sent, checked only where `auth` is 'user'. */
  readonly token: string | undefined;
  readonly visitor: Visitor;
}

export interface RouteDefinition<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  H extends z.ZodType,
  R extends z.ZodType,
  A extends Auth,
> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As Express writes it: `/rounds/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly auth: A;
  /** Whoever has none of them is refused with FORBIDDEN; with `auth: 'user'` only. */
  readonly roles?: readonly Role[];
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Absent: 16 KiB. */
  readonly maxBodyBytes?: number;
  /** An object of the headers that are read, named as they are commonly written. */
  readonly headers?: H;
  readonly response: R;
  /** 200 unless said otherwise. */
  readonly status?: number;
  /** Absent: JSON. Present: the handler returns text of this type. */
  readonly contentType?: string;
  /** A page of any origin may read the answer: for GETs that need no header and tell everybody the same. */
  readonly anyOrigin?: boolean;
  /** How often one address may call it; every route has a general allowance without it. */
  readonly perAddress?: Allowance;
  handler(
    context: Context<z.output<P>, z.output<Q>, z.output<B>, z.output<H>, A>,
  ): Promise<unknown> | unknown;
}

/** A route whose types are forgotten: what the list of them holds. */
export type Route = RouteDefinition<z.ZodType, z.ZodType, z.ZodType, z.ZodType, z.ZodType, Auth>;

/**
 * Types a definition: the handler sees what its schemas put out, and must return what `response`
 * takes.
 */
export function route<
  R extends z.ZodType,
  A extends Auth,
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
  H extends z.ZodType = z.ZodUndefined,
>(
  definition: Omit<RouteDefinition<P, Q, B, H, R, A>, 'handler'> & {
    handler(
      context: Context<z.output<P>, z.output<Q>, z.output<B>, z.output<H>, A>,
    ): Promise<z.input<R>> | z.input<R>;
  },
): Route {
  return definition as unknown as Route;
}
