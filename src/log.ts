/** Every logger: one line of JSON per event, to standard output. */
import pino, { type Logger } from 'pino';

export type { Logger };

export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['password', 'token', 'refreshToken', '*.password', '*.token', '*.refreshToken'],
  });
}
