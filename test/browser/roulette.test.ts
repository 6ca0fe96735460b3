import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { ensurePage } from '../../src/commands/page.ts';
import type { Bet, Page as ListOf, Proof, Wallet } from '../../src/protocol.ts';
import { launchBrowser } from '../support/browser.ts';
import { startServer, type TestServer, until } from '../support/server.ts';

const ROUND_MS = 40_000;

describe('a roulette table, in a real browser', function () {
  this.timeout(120_000);
  let server: TestServer;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  before(async () => {
    await ensurePage();
    server = await startServer({ env: { BETTING_MS: '5000' } });
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${server.url}/#/roulette/corner`);
    await page.getByTestId('guest-button').click();
  });
  after(async () => {
    await browser?.close();
    await server?.dispose();
  });

  const put = (spot: string) => page.locator(`[data-spot="${spot}"]`).click();
  const chip = (value: number) => page.locator(`label:has([data-testid="chip-${value}"])`).click();
  const balance = async () =>
    Number((await page.getByTestId('balance').textContent())?.replace(/\D/g, ''));
  const phase = (wanted: string) =>
    page.locator(`[data-testid="phase"][data-phase="${wanted}"]`).waitFor({ timeout: ROUND_MS });
  /** As the signed-in player, past the page. */
  const asked = <T>(path: string) =>
    page.evaluate(async (from) => {
      const { token } = JSON.parse(localStorage.getItem('roundhouse-session') as string);
      const answer = await fetch(`/api/v1${from}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return (await answer.json()) as T;
    }, path);

  it('[M6] chips on a number, a line, a corner and outside go together, and the balance moves when the ledger does', async () => {
    // Chips may lie there while no bets are taken.
    await put('straight 17');
    await chip(5);
    await put('split 17 20');
    await put('corner 8 9 11 12');
    await page.locator('[data-spot="corner 8 9 11 12"]').press('ArrowRight');
    await page.keyboard.press('Space');
    await chip(5);
    await put('dozen 2');
    await put('red');
    await put('red');
    await page.getByTestId('tool-undo').click();
    await put('black');
    assert.equal(await balance(), 500);
    const placing = page.getByTestId('main-button').filter({ hasText: /^Place 40/ });
    await phase('settled');
    await phase('betting');
    await placing.waitFor();
    // Clicks on the felt leave the focus where it was, so the key means the button and not a spot.
    await page.keyboard.press('Space');
    await until(async () => (await balance()) === 460, 'the stakes to leave the balance');

    const { items } = await asked<ListOf<Bet>>('/me/bets');
    assert.deepEqual(
      items.map(({ amount, selection: { type } }) => `${type} ${amount}`).toSorted(),
      ['black 5', 'corner 5', 'dozen 5', 'red 5', 'split 5', 'split 5', 'straight 10'].toSorted(),
    );
    assert.equal((await asked<Wallet>('/me/wallet')).balance, 460);
  });

  it('[F7] the number on the wheel is the one of the books, and what is paid agrees with both', async () => {
    await phase('settled');
    const number = Number(await page.getByTestId('number').getAttribute('data-number'));
    const { items } = await asked<ListOf<Bet>>('/me/bets');
    const [{ roundId }] = items as [Bet];
    const proof = await asked<Proof>(`/rounds/${roundId}/proof`);
    assert.deepEqual(proof.outcome, { number });
    await until(
      async () => (await asked<ListOf<Bet>>('/me/bets?status=accepted')).items.length === 0,
      'all bets to be resolved',
    );
    const settled = (await asked<ListOf<Bet>>('/me/bets')).items;
    const paid = settled.reduce((sum, bet) => sum + (bet.payout ?? 0), 0);
    await until(async () => (await balance()) === 460 + paid, 'the balance of the books');
    const shown = await page.locator('.spot[data-won="true"]').count();
    assert.equal(shown, settled.filter(({ status }) => status === 'won').length);
    const word = page.getByTestId('last-word');
    const said = paid === 0 ? '40 lost.' : `${paid} paid for 40.`;
    await until(async () => (await word.textContent()) === said, 'the result in words');
  });

  it('[F1] history shows the round and the bets; "check this round" recomputes it', async () => {
    await page.getByTestId('history-button').click();
    await until(
      async () => (await page.getByTestId('own-bets').locator('tbody tr').count()) === 7,
      'seven bets',
    );
    await page.getByTestId('rounds-tab').click();
    await page.getByText('check this round').first().click();
    const result = page.getByTestId('proof-result');
    await until(async () => (await result.getAttribute('data-ok')) === 'true', 'the proof to hold');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });

  it('the lobby lists the tables of all games, and leads to another one', async () => {
    await page.getByTestId('tables-button').click();
    await page.locator('[data-table="roulette/corner"][aria-current="true"]').waitFor();
    await page.getByTestId('game-select').selectOption('crash');
    await page.getByTestId('table-input').fill('west');
    await page.getByTestId('table-open').click();
    await page.getByTestId('multiplier').waitFor();
    assert.match(page.url(), /#\/crash\/west$/);
    await page.getByTestId('tables-button').click();
    await page.locator('[data-table="crash/west"][aria-current="true"]').waitFor();
    assert.deepEqual(errors, []);
  });
});
