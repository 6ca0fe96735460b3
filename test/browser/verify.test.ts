import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { RoundProof } from '../../src/fairness/verifier.ts';
import { VERIFY_PAGE } from '../../src/fairness/verify-page/make.ts';
import { proofOf, VECTORS_FILE, type VectorGroup, type Vectors } from '../fairness/make-vectors.ts';
import { startHttp } from '../http/server.ts';
import { launchBrowser } from '../support/browser.ts';

const { groups }: Vectors = JSON.parse(readFileSync(VECTORS_FILE, 'utf8'));
const goodProof = (game: string): RoundProof => {
  const group = groups.find((one) => one.game === game) as VectorGroup;
  return proofOf(group, group.rounds[0] as VectorGroup['rounds'][number]);
};
const crash = goodProof('crash');

describe('docs/verify.html, opened from disk', function () {
  this.timeout(60_000);
  let browser: Browser;
  let page: Page;
  let folder: string;
  const closing: (() => unknown)[] = [];
  const errors: string[] = [];
  const requests: string[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proofs-'));
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 360, height: 740 } });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (/Security Policy/i.test(message.text())) errors.push(message.text());
    });
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(VERIFY_PAGE).href);
  });
  after(async () => {
    await browser?.close();
    for (const close of closing) await close();
    rmSync(folder, { recursive: true, force: true });
  });

  const verdict = async (wanted: string) => {
    await page.locator(`#verdict[data-verdict="${wanted}"]`).waitFor({ timeout: 10_000 });
    return (await page.locator('#verdict').textContent()) ?? '';
  };
  const check = async (text: string, wanted: string) => {
    await page.getByLabel('Proof', { exact: true }).fill(text);
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    return verdict(wanted);
  };
  const stepsThat = (ok: boolean | null) =>
    page
      .locator(`#steps > li[data-ok="${ok}"]`)
      .evaluateAll((items) => items.map((item) => (item as HTMLElement).dataset.step));

  it('[F6] a true proof of every game is right, step by step', async () => {
    for (const game of new Set(groups.map((group) => group.game))) {
      const proof = goodProof(game);
      await check(JSON.stringify(proof), 'right');
      assert.deepEqual(await stepsThat(true), [
        ...['seed', 'commitment', 'chain'],
        ...(proof.beacon ? ['beacon'] : []),
        'outcome',
        ...(game === 'duel' ? ['match'] : []),
      ]);
      assert.match((await page.locator('#note').textContent()) ?? '', new RegExp(proof.roundId));
    }
  });

  it('[F6] a falsified proof is wrong, and both values are shown', async () => {
    const outcome = { crashPoint: 98_765 };
    assert.match(
      await check(JSON.stringify({ ...crash, outcome }), 'wrong'),
      /1 of \d steps is wrong/,
    );
    assert.deepEqual(await stepsThat(false), ['outcome']);
    const values = await page.locator('[data-step="outcome"] dd').allTextContents();
    const { crashPoint } = crash.outcome as { crashPoint: number };
    assert.deepEqual(values, ['987.65', (crashPoint / 100).toFixed(2)]);
    const duel = goodProof('duel');
    const moves = (duel.outcome as { moves: object[] }).moves.slice(0, -1);
    await check(JSON.stringify({ ...duel, outcome: { ...duel.outcome, moves } }), 'wrong');
    assert.deepEqual(await stepsThat(false), ['match']);
  });

  it('[F6] a game that the page does not know is neither right nor wrong', async () => {
    await check(JSON.stringify({ ...crash, game: 'coin', outcome: { side: 'heads' } }), 'unknown');
    assert.deepEqual(await stepsThat(null), ['outcome']);
    assert.deepEqual(await stepsThat(false), []);
  });

  it('[F1] a commitment that was seen before is compared with that of the proof', async () => {
    const seen = page.getByLabel('Commitment that you saw');
    await seen.fill(` ${crash.commitment.toUpperCase()} `);
    await check(JSON.stringify(crash), 'right');
    assert.equal((await stepsThat(true)).at(-1), 'witnessed');
    await seen.fill('c0'.repeat(32));
    await check(JSON.stringify(crash), 'wrong');
    assert.deepEqual(await stepsThat(false), ['witnessed']);
    await seen.fill('short');
    assert.match(await check(JSON.stringify(crash), 'unchecked'), /64 hexadecimal digits/);
    await seen.fill('');
  });

  it('[F6] what is no proof is refused with the reason, and nothing in it becomes part of the page', async () => {
    for (const [text, reason] of [
      ['', /Paste a proof/],
      ['hello', /not JSON/],
      ['{}', /no proof: roundId must/],
      ['{"code":"NOT_FOUND"}', /NOT_FOUND/],
      [JSON.stringify({ ...crash, seed: null }), /not over/],
    ] as const) {
      assert.match(await check(text, 'unchecked'), reason);
      assert.equal(await page.locator('#steps > li').count(), 0);
    }
    const game = '<img src=x onerror=alert(1)>';
    await check(JSON.stringify({ ...crash, game, outcome: { [game]: game } }), 'unknown');
    assert.equal(await page.locator('img').count(), 0);
  });

  it('[F6] a proof is read from a file', async () => {
    const file = join(folder, 'proof.json');
    writeFileSync(file, JSON.stringify(goodProof('roulette')));
    await page.locator('#file').setInputFiles(file);
    assert.match(await verdict('right'), /All \d steps/);
    writeFileSync(file, ' '.repeat(1_000_001));
    await page.locator('#file').setInputFiles(file);
    assert.match(await verdict('unchecked'), /too large/);
  });

  it('without a word from the reader it asked for nothing but itself', () => {
    assert.deepEqual(requests, [pathToFileURL(VERIFY_PAGE).href]);
  });

  it('[F6] a proof is fetched from a server', async () => {
    const published = {
      ...goodProof('derby'),
      payTableVersion: 1,
      chain: { ...goodProof('derby').chain, id: crypto.randomUUID() },
      beaconMissing: null,
    };
    const history = { proof: async () => published } as never;
    const http = await startHttp({ history });
    closing.push(() => http.close());
    const deaf = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
    closing.push(() => deaf.close());
    await page.locator('summary').click();
    const fetchFrom = async (server: string, round: string, wanted: string) => {
      await page.getByLabel('Address of the server').fill(server);
      await page.getByLabel('Id of the round').fill(round);
      await page.getByRole('button', { name: 'Fetch and check' }).click();
      return verdict(wanted);
    };
    const { roundId } = published;
    assert.match(await fetchFrom(`${http.url}/`, roundId, 'right'), /All \d steps/);
    assert.match(await fetchFrom(http.url, 'round 7', 'unchecked'), /UUID/);
    assert.match(await fetchFrom('http://', roundId, 'unchecked'), /address/);
    // Its answer has no header that lets the page read it.
    const { port } = deaf.address() as AddressInfo;
    assert.match(await fetchFrom(`127.0.0.1:${port}`, roundId, 'unchecked'), /did not answer/);
    assert.equal(
      await page.locator('#note a').getAttribute('href'),
      `http://127.0.0.1:${port}/api/v1/rounds/${roundId}/proof`,
    );
  });

  it('fits a phone: nothing is wider than the screen', async () => {
    for (const game of ['derby', 'duel']) {
      await check(JSON.stringify(goodProof(game)), 'right');
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(width, 360);
    }
    assert.deepEqual(errors, []);
  });
});
