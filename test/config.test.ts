import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig } from '../src/config.ts';

describe('config', () => {
  let dataDir: string;
  before(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'config-'));
  });
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  const currencies = (text: string) =>
    loadConfig({ DATA_DIR: dataDir, CURRENCIES: text }).currencies;

  it('CURRENCIES is COIN, or a list whose first is the usual one', () => {
    assert.deepEqual(currencies(''), ['COIN']);
    assert.deepEqual(currencies('GEM'), ['GEM']);
    assert.deepEqual(currencies('GEM, COIN ,TICKET'), ['GEM', 'COIN', 'TICKET']);
  });

  it('[F1] a weak secret stops the start in production, whichever it is', () => {
    const strong = 'a strong secret, 32 characters or more: 0123456789';
    const production = { DATA_DIR: dataDir, NODE_ENV: 'production', JWT_SECRET: strong };
    assert.equal(loadConfig({ ...production, FAIRNESS_SECRET: strong }).fairnessSecret, strong);
    for (const name of ['JWT_SECRET', 'FAIRNESS_SECRET']) {
      assert.throws(
        () => loadConfig({ ...production, [name]: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }),
        new RegExp(`${name}: too weak`),
      );
    }
  });

  for (const text of [
    'coin',
    'CO',
    'COIN,',
    ',',
    'COIN;GEM',
    'COIN,COIN',
    'COIN,ABCDEFGHI',
    'C0IN',
    Array.from({ length: 17 }, (_, i) => `GEM${String.fromCharCode(65 + i)}`).join(),
  ]) {
    it(`CURRENCIES=${text.slice(0, 20)} stops the start, and is named`, () => {
      assert.throws(
        () => currencies(text),
        (error: Error) => {
          assert.ok(error instanceof ConfigError);
          assert.match(error.message, /^ {2}CURRENCIES: \S/m);
          return true;
        },
      );
    });
  }

  const beaconUrl = (text: string) => loadConfig({ DATA_DIR: dataDir, BEACON_URL: text }).beaconUrl;
  const CHAIN = '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971';

  it('[F6] BEACON_URL is off, or the address of a drand chain at a relay', () => {
    assert.equal(beaconUrl(''), undefined);
    const address = `https://api.drand.sh/${CHAIN}`;
    assert.equal(beaconUrl(address), address);
    assert.equal(beaconUrl(`${address}/`), address);
    for (const text of ['on', 'https://api.drand.sh', `ftp://a/${CHAIN}`, `${address}/info`]) {
      assert.throws(() => beaconUrl(text), /^ {2}BEACON_URL: \S/m, text);
    }
  });
});
