/** The page: built by Vite into web/dist when it is missing or older than what it is made of. */
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export async function ensurePage(): Promise<void> {
  if (!pageIsOld()) return;
  console.log('Building the page ...');
  const code = await buildPage();
  if (code !== 0) throw new Error(`the page was not built: vite ended with ${code}`);
}

function buildPage(): Promise<number> {
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: join(ROOT, 'web'),
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Whether a source of the page is newer than what was built from it. */
function pageIsOld(): boolean {
  const built = statSync(join(ROOT, 'web', 'dist', 'index.html'), { throwIfNoEntry: false });
  if (!built) return true;
  const sources = [
    ...filesBelow(join(ROOT, 'web'), (name) => name !== 'dist' && name !== 'node_modules'),
    join(ROOT, 'src', 'protocol.ts'),
    join(ROOT, 'src', 'fairness', 'verifier.ts'),
    join(ROOT, 'package-lock.json'),
  ];
  return sources.some((file) => statSync(file).mtimeMs > built.mtimeMs);
}

function filesBelow(folder: string, wanted: (name: string) => boolean): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => wanted(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path, wanted) : [path];
    });
}
