import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { ensurePage } from '../../src/commands/page.ts';
import { launchBrowser } from '../support/browser.ts';
import { startServer, type TestServer, until } from '../support/server.ts';

const LONGEST_ROUND_MS = 110_000;

describe('the page, in a real browser', function () {
  this.timeout(240_000);
  let server: TestServer;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  before(async () => {
    await ensurePage();
    server = await startServer({ env: { BETTING_MS: '4000' } });
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(server.url);
  });
  after(async () => {
    await browser?.close();
    await server?.dispose();
  });

  const balance = async () =>
    Number((await page.getByTestId('balance').textContent())?.replace(/\D/g, ''));
  const mainButton = () => page.getByTestId('main-button');
  const action = () => mainButton().getAttribute('data-action');
  const offers = (wanted: string) =>
    until(
      async () => (await action()) === wanted,
      `the button to offer ${wanted}`,
      LONGEST_ROUND_MS,
    );

  it('a guest enters with one click and has the starting balance', async () => {
    await page.getByTestId('guest-button').click();
    await page.getByTestId('balance').waitFor();
    await until(async () => (await balance()) === 500, 'the balance');
  });

  it('[M6] a round is played: the balance moves when the ledger moves', async () => {
    for (;;) {
      await offers('bet');
      await page.getByTestId('amount-input').fill('100');
      const before = await balance();
      await mainButton().click();
      await until(async () => (await balance()) === before - 100, 'the stake to leave the balance');
      await until(async () => (await action()) !== 'wait', 'the lock', LONGEST_ROUND_MS);
      // A round may crash at once; then there is another one.
      if ((await action()) !== 'cashout') continue;
      await mainButton().click();
      await until(async () => (await action()) !== 'cashout', 'the answer');
      if ((await balance()) < before) continue;
      return;
    }
  });

  it('[F1] "check this round" recomputes a finished round in the browser', async () => {
    await page.getByTestId('check-round').click({ timeout: LONGEST_ROUND_MS });
    const result = page.getByTestId('proof-result');
    await until(async () => (await result.getAttribute('data-ok')) === 'true', 'the proof to hold');
    await page.keyboard.press('Escape');
  });

  it("[M9] the server is killed and started again: the page says so, comes back, and the balance is the ledger's", async () => {
    await offers('bet');
    await mainButton().click();
    await server.kill();
    await page.getByTestId('reconnect-banner').waitFor();
    await server.restart();
    await page.getByTestId('reconnect-banner').waitFor({ state: 'detached', timeout: 60_000 });
    const held = await page.evaluate(async () => {
      const { token } = JSON.parse(localStorage.getItem('roundhouse-session') as string);
      const answer = await fetch('/api/v1/me/wallet', {
        headers: { authorization: `Bearer ${token}` },
      });
      return (await answer.json()).balance as number;
    });
    await until(async () => (await balance()) === held, 'the balance of the ledger');
    assert.deepEqual(errors, []);
  });
});
