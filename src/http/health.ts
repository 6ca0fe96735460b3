/** For load balancers and monitors: alive, ready, and the figures. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { type Route, route } from './route.ts';
import type { MetricsSource, Readiness } from './services.ts';

export function healthRoutes(readiness: Readiness, metrics: MetricsSource): Route[] {
  return [
    route({
      method: 'get',
      path: '/healthz',
      summary: 'The process answers',
      auth: 'none',
      response: z.object({ status: z.literal('ok') }),
      handler: () => ({ status: 'ok' as const }),
    }),
    route({
      method: 'get',
      path: '/readyz',
      summary: 'The node can serve; 503 with the reason while it cannot',
      auth: 'none',
      response: z.object({ status: z.literal('ready') }),
      handler: async () => {
        const reason = await readiness();
        if (reason !== null) throw new AppError('BUSY', reason);
        return { status: 'ready' as const };
      },
    }),
    route({
      method: 'get',
      path: '/metrics',
      summary: 'Figures for Prometheus; with METRICS_TOKEN as bearer where it is set',
      auth: 'metrics',
      contentType: metrics.contentType,
      response: z.string(),
      handler: () => metrics.metrics(),
    }),
  ];
}
