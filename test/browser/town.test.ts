import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { ensurePage } from '../../src/commands/page.ts';
import { launchBrowser } from '../support/browser.ts';
import { startServer, type TestServer, until } from '../support/server.ts';

const START = 500;
/** Of the seed catalogue. */
const COTTAGE = 100;

describe('a town, in real browsers', function () {
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

  /** A guest of its own. */
  async function enter(
    address: string,
    viewport: { width: number; height: number },
  ): Promise<Page> {
    const context = await browser.newContext({ viewport });
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(address);
    await page.getByTestId('guest-button').click();
    return page;
  }

  const balanceOf = async (page: Page) =>
    Number((await page.getByTestId('balance').textContent())?.replace(/\D/g, ''));
  const cottages = (page: Page) => page.locator('[data-building][data-kind=cottage]');

  /** From the list onto the middle of the map, by the mouse. */
  async function drag(page: Page, testId: string, dx: number): Promise<void> {
    const from = await page.getByTestId(testId).boundingBox();
    const map = await page.getByTestId('town-grid').boundingBox();
    assert.ok(from && map);
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(map.x + map.width / 2, map.y + map.height / 2, { steps: 8 });
    await page.mouse.move(map.x + map.width / 2 + dx, map.y + map.height / 2, { steps: 4 });
    await page.getByTestId('ghost-fits').waitFor();
    await page.mouse.up();
  }

  it('[W4] [W7] a building is dragged onto the grid, paid, found again, and seen by who visits', async () => {
    const owner = await enter(`${server.url}/#/town`, { width: 1280, height: 800 });
    await owner.getByTestId('palette-cottage').waitFor();
    await until(async () => (await balanceOf(owner)) === START, 'the balance');
    await drag(owner, 'palette-cottage', 0);
    await cottages(owner).waitFor();
    await until(async () => (await balanceOf(owner)) === START - COTTAGE, 'the cottage to be paid');

    await owner.reload();
    await cottages(owner).waitFor();
    assert.equal(await cottages(owner).count(), 1);
    assert.equal(await balanceOf(owner), START - COTTAGE);

    await owner.getByTestId('public-switch').click();
    await owner.locator('[data-testid=public-switch][aria-checked=true]').waitFor();
    const link = await owner.getByTestId('copy-link').getAttribute('data-link');
    assert.match(link ?? '', /#\/town\/visit-\d+$/);

    const visitor = await enter(link as string, { width: 390, height: 844 });
    await cottages(visitor).waitFor();
    const name = (await owner.getByTestId('account-button').textContent()) as string;
    assert.equal(await visitor.getByTestId('visit-owner').textContent(), name);
    assert.equal(await visitor.getByTestId('collect-all').count(), 0);
    // By keyboard this time: the visitor sees it as it happens.
    await owner.getByTestId('palette-cottage').press('Enter');
    // It begins beside the first one; two cells on it is free of it in any case.
    await owner.keyboard.press('ArrowDown');
    await owner.keyboard.press('ArrowDown');
    await owner.locator('[data-testid=placing][data-fits=true]').waitFor();
    await owner.keyboard.press('Enter');
    await until(async () => (await cottages(visitor).count()) === 2, 'the second one to be seen');

    await owner.getByTestId('public-switch').click();
    await visitor.getByTestId('town-nowhere').waitFor();
    assert.deepEqual(errors, []);
  });
});
