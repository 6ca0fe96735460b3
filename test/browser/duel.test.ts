import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { ensurePage } from '../../src/commands/page.ts';
import { launchBrowser } from '../support/browser.ts';
import { startServer, type TestServer, until } from '../support/server.ts';

const START = 500;
const STAKE = 50;
/** Both stakes less 2%. */
const PRIZE = 98;
const BET = 20;

describe('a duel, in real browsers', function () {
  this.timeout(120_000);
  let server: TestServer;
  let browser: Browser;
  const errors: string[] = [];

  before(async () => {
    await ensurePage();
    server = await startServer();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.dispose();
  });

  /** A guest of its own, at the table. */
  async function enter(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${server.url}/#/duel/main`);
    await page.getByTestId('guest-button').click();
    await standsAt(page, 'open');
    return page;
  }

  const standsAt = (page: Page, situation: string) =>
    page.locator(`[data-testid=duel-panel][data-situation=${situation}]`).waitFor();
  const shown = async (page: Page) =>
    Number((await page.getByTestId('balance').textContent())?.replace(/\D/g, ''));
  const isMine = async (page: Page) =>
    (await page.getByTestId('duel-turn').getAttribute('data-mine')) === 'true';
  const inBooks = (page: Page) =>
    page.evaluate(async () => {
      const { token } = JSON.parse(localStorage.getItem('roundhouse-session') as string);
      const answer = await fetch('/api/v1/me/wallet', {
        headers: { authorization: `Bearer ${token}` },
      });
      return (await answer.json()).balance as number;
    });
  async function comesTo(page: Page, balance: number): Promise<void> {
    await until(async () => (await shown(page)) === balance, `a balance of ${balance}`);
    assert.equal(await inBooks(page), balance);
  }

  it('[M2] [M6] two play a whole match, a third bets on the winner, and the balances are those of the books', async () => {
    const anna = await enter();
    const [bob, carl] = await Promise.all([enter(), enter()]);
    await anna.getByTestId('amount-input').fill(String(STAKE));
    await anna.getByTestId('main-button').click();
    await standsAt(anna, 'waiting');
    await comesTo(anna, START - STAKE);
    await bob.getByTestId('main-button').filter({ hasText: 'Play' }).click();
    await Promise.all([
      standsAt(anna, 'playing'),
      standsAt(bob, 'playing'),
      standsAt(carl, 'watching'),
    ]);

    const annaBegins = await isMine(anna);
    const [first, second] = annaBegins ? [anna, bob] : [bob, anna];
    await carl.getByTestId(`duel-back-${annaBegins ? 0 : 1}`).check({ force: true });
    await carl.getByTestId('amount-input').fill(String(BET));
    await carl.getByTestId('main-button').click();
    await comesTo(carl, START - BET);

    for (let move = 0; move < 7; move += 1) {
      const [page, column] = move % 2 === 0 ? [first, 3] : [second, 4];
      await until(() => isMine(page), `move ${move + 1} to be made`);
      // By pointer and by keyboard in turn.
      if (move < 2) await page.getByTestId(`duel-column-${column}`).click();
      else await page.keyboard.press(String(column));
      if (move < 6) await until(async () => !(await isMine(page)), 'the move to be shown');
    }

    await Promise.all([first, second, carl].map((page) => standsAt(page, 'over')));
    assert.match((await first.getByTestId('duel-result').textContent()) ?? '', /You won/);
    assert.match((await second.getByTestId('duel-result').textContent()) ?? '', /You lost/);
    await comesTo(first, START - STAKE + PRIZE);
    await comesTo(second, START - STAKE);
    // Alone in the pool: the takeout of 5% is what it costs to have been right.
    await comesTo(carl, START - BET + 19);
    assert.deepEqual(errors, []);
  });
});
