import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isRefusal } from '../../../src/games/contract.ts';
import type { Placed, TownState } from '../../../src/games/town/state.ts';
import { town } from '../../../src/games/town.ts';
import type { Amounts, BuildingLevel, Deed, WorldCatalogue } from '../../../src/games/world.ts';
import { edited, MICRO, NOW, seeded, small } from './fixture.ts';

const COINS = 200_000;
const TYPES = Object.keys(town.commands) as (keyof typeof town.commands)[];
const CODES = ['ILLEGAL_MOVE', 'NOT_FOUND', 'INSUFFICIENT_FUNDS', 'LIMIT_EXCEEDED'];

/** Numbers from which a step makes what it needs: names and ids of what is there, mostly. */
interface Step {
  readonly does: (typeof TYPES)[number] | 'wait' | 'edit';
  readonly which: number;
  readonly x: number;
  readonly y: number;
  readonly item: number;
  readonly quantity: number;
  readonly isVague: boolean;
}

const steps: fc.Arbitrary<Step> = fc.record({
  does: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('build' as const, 'wait' as const, 'supply' as const) },
    { weight: 5, arbitrary: fc.constantFrom(...TYPES) },
    { weight: 1, arbitrary: fc.constant('edit' as const) },
  ),
  which: fc.nat(1_000),
  x: fc.nat(15),
  y: fc.nat(15),
  item: fc.nat(1_000),
  quantity: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 120 })),
  isVague: fc.boolean(),
});

function pick<T>(from: readonly T[], at: number): T | undefined {
  return from[at % Math.max(1, from.length)];
}

/** What there is of each thing in the inventory, the wallet and all stores together, in MICRO. */
class Totals {
  readonly #all = new Map<string, bigint>();

  static of(life: Life): Totals {
    const totals = new Totals();
    totals.add('coin', life.coins * MICRO);
    for (const [name, quantity] of life.inventory) totals.add(name, quantity * MICRO);
    for (const { store } of life.state.buildings) totals.addAll(store, 1);
    return totals;
  }

  addAll(amounts: Amounts, by: number): this {
    for (const [name, amount] of Object.entries(amounts)) this.add(name, amount * by);
    return this;
  }

  add(name: string, amount: number): this {
    this.#all.set(name, (this.#all.get(name) ?? 0n) + BigInt(amount));
    return this;
  }

  entries(): [string, bigint][] {
    return [...this.#all]
      .filter(([, amount]) => amount !== 0n)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** A player with a town, and what he must have by what he asked for: from the catalogue, not from the rules. */
class Life {
  state: TownState = town.create();
  coins = COINS;
  readonly inventory: Map<string, number>;
  #now = NOW;
  #catalogue: WorldCatalogue;
  readonly #original: WorldCatalogue;
  readonly #paid = new Map<number, number>();
  readonly #tally: Map<string, number>;

  constructor(catalogue: WorldCatalogue, has: number, tally: Map<string, number>) {
    this.#catalogue = catalogue;
    this.#original = catalogue;
    this.inventory = new Map([...catalogue.items.keys()].map((name) => [name, has]));
    this.#tally = tally;
  }

  step(step: Step): void {
    if (step.does === 'wait') this.#wait(step.which * step.item * 100);
    else if (step.does === 'edit') this.#edit(step);
    else this.#ask(step.does, this.#payloadOf(step));
    const stored: unknown = JSON.parse(JSON.stringify(this.state));
    assert.deepEqual(town.read(stored), this.state);
    assert.ok(JSON.stringify(this.state).length <= town.maxSnapshotBytes);
  }

  #wait(ms: number): void {
    const before = this.state;
    this.state = town.advance(before, this.#now, this.#now + ms, this.#catalogue);
    this.#now += ms;
    assert.equal(this.state.buildings.length, before.buildings.length);
  }

  /** An admin was there: a kind is gone, holds less, or all is as it was. */
  #edit({ which, isVague }: Step): void {
    const name = pick([...this.#original.buildings.keys()], which) as string;
    const kind = this.#original.buildings.get(name);
    const levels = kind?.levels.slice(0, 1).map((row) => ({ ...row, storage: 3, cost: 9_999 }));
    const change = isVague || !levels ? null : { levels };
    this.#catalogue =
      which % 3 === 0 ? this.#original : edited(this.#original, { buildings: { [name]: change } });
  }

  #payloadOf({ does, which, x, y, item, quantity, isVague }: Step): Record<string, unknown> {
    const { items, buildings } = this.#catalogue;
    const placed = pick(this.state.buildings, which);
    // One in ten asks for a building that is not there.
    const id = which % 10 === 0 ? which + 1 : (placed?.id ?? 1);
    const name = pick([...items.keys()], item) as string;
    switch (does) {
      case 'build':
        return { building: pick([...buildings.keys()], which), x, y };
      case 'move':
        return { id, x, y };
      case 'collect':
        return isVague ? {} : { id };
      case 'supply': {
        const needed = placed ? Object.keys(this.#levelOf(placed)?.consumes ?? {}) : [];
        const wanted = pick(needed, item) ?? name;
        return isVague ? { id, item: wanted } : { id, item: wanted, quantity };
      }
      case 'craft': {
        const makes = [...items.values()].filter(({ recipe }) => isVague && recipe);
        return { item: pick(makes, item)?.name ?? name, quantity };
      }
      case 'buy':
      case 'sell':
        return { item: name, quantity };
      default:
        return { id };
    }
  }

  #ask(type: (typeof TYPES)[number], payload: Record<string, unknown>): void {
    const command = town.commands[type](payload);
    assert.ok(!isRefusal(command), JSON.stringify(command));
    const holder = { now: this.#now, has: (name: string) => this.inventory.get(name) ?? 0 };
    const deed = town.carryOut(this.state, command, holder, this.#catalogue);
    if (isRefusal(deed)) {
      this.#count(deed.code ?? 'ILLEGAL_MOVE');
      return;
    }
    const sign = deed.coins?.kind === 'paid' ? -1 : 1;
    const coins = this.coins + sign * (deed.coins?.amount ?? 0);
    // The ledger's word.
    if (coins < 0) {
      this.#count('INSUFFICIENT_FUNDS');
      return;
    }
    assert.ok(deed.coins === null || deed.coins.amount > 0);
    const expected = this.#expected(type, payload, deed);
    this.state = deed.state;
    this.coins = coins;
    for (const [name, delta] of Object.entries(deed.items)) this.#move(name, delta);
    assert.deepEqual(
      Totals.of(this).entries(),
      expected.entries(),
      `${type} ${JSON.stringify(payload)}`,
    );
    this.#count(type);
  }

  #move(name: string, delta: number): void {
    const item = this.#catalogue.items.get(name);
    const after = (this.inventory.get(name) ?? 0) + delta;
    assert.ok(item && Number.isSafeInteger(delta) && delta !== 0 && after >= 0, name);
    assert.ok(delta < 0 || after <= item.stack, name);
    this.inventory.set(name, after);
  }

  /** What there must be afterwards. */
  #expected(type: string, payload: Record<string, unknown>, deed: Deed<TownState>): Totals {
    const totals = Totals.of(this);
    const { id, item: name, quantity } = payload as { id: number; item: string; quantity: number };
    const placed = this.state.buildings.find((each) => each.id === id);
    const item = this.#catalogue.items.get(name);
    const pay = (key: number, row: BuildingLevel | undefined) => {
      this.#paid.set(key, (this.#paid.get(key) ?? 0) + (row?.cost ?? 0));
      return totals.addAll(row?.takes ?? {}, -MICRO).add('coin', -MICRO * (row?.cost ?? 0));
    };
    const kindOf = (building: unknown) => this.#catalogue.buildings.get(building as string);
    switch (type) {
      case 'build':
        return pay(this.state.nextId, kindOf(payload.building)?.levels[0]);
      case 'upgrade':
        return pay(id, kindOf(placed?.building)?.levels[placed?.level ?? 0]);
      case 'demolish': {
        // Of each thing less than one is lost.
        for (const [thing, stock] of Object.entries(placed?.store ?? {})) {
          totals.add(thing, -(stock % MICRO));
        }
        return totals.add('coin', Math.floor((this.#paid.get(id) ?? 0) / 2) * MICRO);
      }
      case 'craft': {
        totals.addAll(item?.recipe?.takes ?? {}, -MICRO * quantity);
        return totals.add(name, (item?.recipe?.makes ?? 0) * MICRO * quantity);
      }
      case 'buy':
        return totals
          .add(name, quantity * MICRO)
          .add('coin', -quantity * (item?.price ?? 0) * MICRO);
      case 'sell': {
        const given = quantity * (item?.sellPrice ?? 0);
        return totals.add(name, -quantity * MICRO).add('coin', given * MICRO);
      }
      default:
        // Moved, collected, supplied: all that there was, and where it belongs.
        if (type === 'collect') {
          assert.ok(Object.values(deed.items).every((delta) => delta > 0));
          assert.notEqual(deed.coins?.kind, 'paid');
        }
        return totals;
    }
  }

  #levelOf({ building, level }: Placed): BuildingLevel | undefined {
    const rows = this.#catalogue.buildings.get(building)?.levels ?? [];
    return rows[Math.min(level, rows.length) - 1];
  }

  #count(what: string): void {
    this.#tally.set(what, (this.#tally.get(what) ?? 0) + 1);
  }
}

describe('games/town, against a model', () => {
  it('[W4] whatever is asked for, in whatever order, no coin and no item comes from nothing or gets lost', () => {
    const tally = new Map<string, number>();
    fc.assert(
      fc.property(
        fc.constantFrom(small, seeded),
        fc.constantFrom(0, 5, 60),
        fc.array(steps, { minLength: 20, maxLength: 80, size: 'max' }),
        (catalogue, has, all) => {
          const life = new Life(catalogue, has, tally);
          for (const step of all) life.step(step);
        },
      ),
      { numRuns: 1_000 },
    );
    for (const what of [...TYPES, ...CODES]) {
      assert.ok((tally.get(what) ?? 0) > 60, `${what}: ${tally.get(what) ?? 0}`);
    }
  });
});
