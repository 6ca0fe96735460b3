/** The built player page: its hashed files for a year, its index.html asked for anew each time. */
import { join, sep } from 'node:path';
import express from 'express';

const YEAR_SECONDS = 31_536_000;
const NOT_BUILT = 'Roundhouse is running, but its page is not built: web/dist is missing.\n';

/** `root` is the folder that the web build writes, with hashed file names under `assets/`. */
export function pageRouter(root: string): express.Router {
  const router = express.Router();
  const assets = join(root, 'assets') + sep;
  router.use(
    express.static(root, {
      redirect: false,
      setHeaders(response, path) {
        const hashed = path.startsWith(assets);
        response.set(
          'Cache-Control',
          hashed ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache',
        );
      },
    }),
  );
  router.get('/', (_request, response) => {
    response.status(503).type('text/plain').set('Cache-Control', 'no-store').send(NOT_BUILT);
  });
  return router;
}
