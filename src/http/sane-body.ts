/** What no body here has a good reason to say, refused before any schema looks at it (A6). */
import type { RequestHandler } from 'express';
import { AppError } from '../errors.ts';

/** No shape here is half as deep, and whoever reads a value step by step has a stack that ends. */
const MAX_DEPTH = 32;
/** Half of a pair is no character. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** PostgreSQL's text holds no NUL and no half of a surrogate pair; JSON knows no infinity, but 1e999 is read as one. */
export const saneBody: RequestHandler = (request, _response, next) => {
  const left: { value: unknown; depth: number }[] = [{ value: request.body, depth: 1 }];
  for (let each = left.pop(); each !== undefined; each = left.pop()) {
    const { value, depth } = each;
    if (typeof value === 'string') assertText(value);
    else if (typeof value === 'number' && !Number.isFinite(value)) refuse('a number too large');
    else if (typeof value === 'object' && value !== null) {
      if (depth > MAX_DEPTH) refuse(`more than ${MAX_DEPTH} levels`);
      for (const [key, inner] of Object.entries(value)) {
        assertText(key);
        left.push({ value: inner, depth: depth + 1 });
      }
    }
  }
  next();
};

function assertText(text: string): void {
  if (text.includes('\0') || LONE_SURROGATE.test(text))
    refuse('a NUL, or half of a surrogate pair');
}

function refuse(what: string): never {
  throw new AppError('BAD_REQUEST', `The body holds ${what}.`);
}
