/** The port that the embedded PostgreSQL listens on: chosen free once, and remembered as long as it stays free. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

export const HOST = '127.0.0.1';

/** The remembered port, or a new one when there is none or a stranger has taken it. */
export async function choosePort(file: string): Promise<number> {
  const remembered = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const usable = Number.isInteger(remembered) && remembered > 0 && remembered < 65536;
  return (usable && (await bind(remembered))) || (await freePort());
}

export function rememberPort(file: string, port: number): void {
  writeFileSync(file, `${port}\n`);
}

async function freePort(): Promise<number> {
  const port = await bind(0);
  if (port === undefined) throw new Error(`No free port on ${HOST} for PostgreSQL.`);
  return port;
}

/** Listens for a moment: the port that it got, or undefined when it is taken. 0: the system chooses. */
function bind(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen({ host: HOST, port, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
