/**
 * Makes docs/verify.html: `npm run verify-page`. One file that works from disk, with the very code of verifier.ts in it:
 * nothing is changed but that its types and the word `export` are taken away, as Node itself does when it runs the file.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

export const VERIFY_PAGE = fileURLToPath(new URL('../../../docs/verify.html', import.meta.url));

export function verifyPage(): string {
  const style = `\n${textOf('page.css')}`;
  const verifier = `\n'use strict';\n${scriptOf('../verifier.ts')}`;
  const page = `\n${scriptOf('page.ts')}`;
  // Nothing runs or is loaded but what stands in the file; it connects to servers that the reader names.
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(verifier)} ${hashOf(page)}`,
    `style-src ${hashOf(style)}`,
    'connect-src http: https:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const slots = [
    ['content="POLICY"', `content="${policy}"`],
    ['<style></style>', `<style>${style}</style>`],
    ['<script id="verifier"></script>', `<script id="verifier">${verifier}</script>`],
    ['<script type="module"></script>', `<script type="module">${page}</script>`],
  ] as const;
  return slots.reduce(filled, textOf('page.html'));
}

function textOf(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

/** A module without imports and exports: the page's script finds the verifier's functions in the script before it. */
function scriptOf(name: string): string {
  const script = stripTypeScriptTypes(textOf(name))
    .replace(/^import [^;]* from '\.\.\/verifier\.ts';$/m, '')
    .replace(/^export /gm, '')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n');
  if (/^(import|export)\b/m.test(script)) throw new Error(`${name} is not one file`);
  if (/<\/script|<!--/i.test(script)) throw new Error(`${name} would end its own script element`);
  return script;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function filled(template: string, [slot, content]: readonly [string, string]): string {
  const parts = template.split(slot);
  if (parts.length !== 2) throw new Error(`page.html has no place for ${slot}, or several`);
  return parts.join(content);
}

if (import.meta.main) writeFileSync(VERIFY_PAGE, verifyPage());
