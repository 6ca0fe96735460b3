/**
 * Loaded into a run of Mocha before its tests: every database of that run is without the guard that LEDGER_WITHOUT
 * names. `LEDGER_WITHOUT='the fence' npx mocha --require test/ledger/without.ts test/ledger/ownership.test.ts`
 */
import assert from 'node:assert/strict';
import { GUARDS, type GuardName, removeGuardEverywhere } from './weaken.ts';

const name = process.env.LEDGER_WITHOUT;
if (name !== undefined && name !== '') {
  assert.ok(name in GUARDS, `there is no guard of this name: ${name}`);
  removeGuardEverywhere(name as GuardName);
}
