import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { constants, createContext, runInContext } from 'node:vm';
import type * as Verifier from '../../src/fairness/verifier.ts';
import { VERIFY_PAGE, verifyPage } from '../../src/fairness/verify-page/make.ts';
import { proofOf, VECTORS_FILE, type VectorGroup, type Vectors } from './make-vectors.ts';

describe('docs/verify.html', function () {
  this.timeout(60_000);
  const page = readFileSync(VERIFY_PAGE, 'utf8');
  const { groups }: Vectors = JSON.parse(readFileSync(VECTORS_FILE, 'utf8'));

  /** The functions of its script, which has nothing but the language and a timer. */
  function verifierOfThePage(): typeof Verifier {
    const [, script] = /<script id="verifier">(.*?)<\/script>/s.exec(page) as RegExpExecArray;
    const context = createContext(constants.DONT_CONTEXTIFY);
    context.setTimeout = setTimeout;
    runInContext(script as string, context);
    return context as unknown as typeof Verifier;
  }

  it('[F6] is made from the verifier as it is: `npm run verify-page` makes it anew', () => {
    assert.ok(page === verifyPage(), 'docs/verify.html is old: npm run verify-page');
  });

  it('[F6] is one file: it loads nothing', () => {
    assert.doesNotMatch(page, /<link|<img|<script[^>]* src|@import|url\(|\bimport\b.*from '/);
    assert.match(page, /Content-Security-Policy" content="default-src 'none'; script-src 'sha256-/);
  });

  it('[F1] [F2] [F4] [F6] [F7] [F8] [F9] its code accepts every golden round in Node, and none with a bit changed', async () => {
    const { readProof, verifyRound } = verifierOfThePage();
    let rounds = 0;
    for (const group of groups) {
      for (const round of group.rounds) {
        const text = JSON.stringify(proofOf(group, round));
        const { ok, steps } = await verifyRound(readProof(text));
        assert.equal(ok, true, JSON.stringify(steps));
        rounds += 1;
      }
      const [round] = group.rounds as [VectorGroup['rounds'][number]];
      const seed = group.seed.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
      assert.equal((await verifyRound(proofOf({ ...group, seed }, round))).ok, false);
    }
    console.log(`      ${rounds} golden rounds with the script of the page`);
  });
});
