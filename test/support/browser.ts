/** The Chromium of this machine, headless. */
import { type Browser, chromium } from 'playwright-core';
import { findChromium } from './prerequisites.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium() ?? 'chromium', args: FLAGS });
}
