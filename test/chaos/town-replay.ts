/** What a town must be after its commands, counted from their answers alone, in the order of their versions. */
import assert from 'node:assert/strict';
import type { WorldCatalogue } from '../../src/games/world.ts';
import type { TownBuilding, WorldAnswer } from '../../src/protocol.ts';
import type { CommandRecord } from './town-player.ts';

type Amounts = Record<string, number>;
type Shown = Omit<TownBuilding, 'readyAt'> & { id: number };

/** What the game adds to an answer; each command has some of it. */
interface TownAnswer extends WorldAnswer {
  building: Shown;
  removed: number;
  refund: number;
  price: number;
  collected: Amounts;
  crafted: { item: string; quantity: number };
  bought: { item: string; quantity: number };
  sold: { item: string; quantity: number };
  supplied: { item: string; quantity: number };
}

export interface Replayed {
  readonly version: number;
  readonly balance: number;
  /** Without zeros. */
  readonly inventory: Amounts;
  readonly buildings: readonly Shown[];
}

export function replay(
  records: readonly CommandRecord[],
  startBalance: number,
  catalogue: WorldCatalogue,
): Replayed {
  const answered = records
    .flatMap(({ type, input, answer }) => (answer ? [{ type, input, answer }] : []))
    .sort((a, b) => a.answer.version - b.answer.version);
  const town = new Town(startBalance, catalogue);
  answered.forEach(({ type, input, answer }, index) => {
    assert.equal(answer.version, index + 2, 'one version for each command, and none is missing');
    town.follow(type, input, answer as TownAnswer);
  });
  return { version: answered.length + 1, ...town.now() };
}

class Town {
  readonly #catalogue: WorldCatalogue;
  readonly #buildings = new Map<number, Shown & { paid: number }>();
  readonly #inventory = new Map<string, number>();
  #balance: number;

  constructor(balance: number, catalogue: WorldCatalogue) {
    this.#balance = balance;
    this.#catalogue = catalogue;
  }

  now(): Omit<Replayed, 'version'> {
    const held = [...this.#inventory].filter(([, quantity]) => quantity !== 0);
    const buildings = [...this.#buildings.values()].map(({ paid: _, ...shown }) => shown);
    return { balance: this.#balance, inventory: Object.fromEntries(held), buildings };
  }

  /** Carries out what the answer says was done, and holds balance and inventory in it against the result. */
  follow(type: string, input: CommandRecord['input'], answer: TownAnswer): void {
    const items = this.#does(type, input, answer);
    const touched: Amounts = {};
    for (const [name, delta] of Object.entries(items)) {
      if (delta === 0) continue;
      const quantity = (this.#inventory.get(name) ?? 0) + delta;
      assert.ok(quantity >= 0, `${quantity} of ${name}`);
      this.#inventory.set(name, quantity);
      touched[name] = quantity;
    }
    const told = Object.fromEntries(
      answer.inventory.map(({ item, quantity }) => [item, quantity] as const),
    );
    assert.deepEqual(told, touched, `the inventory after ${JSON.stringify({ type, answer })}`);
    assert.equal(
      answer.balance,
      this.#balance,
      `the balance after ${JSON.stringify({ type, answer })}`,
    );
  }

  /** Answers the items that came (above zero) and went. */
  #does(type: string, input: CommandRecord['input'], answer: TownAnswer): Amounts {
    switch (type) {
      case 'build':
      case 'upgrade':
        return this.#raises(answer);
      case 'move':
        this.#puts(answer.building, 0);
        return {};
      case 'demolish':
        return this.#removes(answer);
      case 'collect':
        return this.#gets(answer.collected);
      case 'supply':
        return { [answer.supplied.item]: -answer.supplied.quantity };
      case 'craft':
        return this.#crafts(answer.crafted, (input.quantity as number | undefined) ?? 1);
      case 'buy':
        this.#balance -= answer.price;
        return { [answer.bought.item]: answer.bought.quantity };
      case 'sell':
        this.#balance += answer.price;
        return { [answer.sold.item]: -answer.sold.quantity };
      default:
        assert.fail(`what does ${type} do?`);
    }
  }

  #raises({ building, price }: TownAnswer): Amounts {
    const level = this.#catalogue.buildings.get(building.building)?.levels[building.level - 1];
    this.#balance -= price;
    assert.equal(price, level?.cost);
    this.#puts(building, price);
    return negative(level?.takes ?? {}, 1);
  }

  #puts({ id, building, x, y, level }: Shown, paid: number): void {
    const before = this.#buildings.get(id)?.paid ?? 0;
    this.#buildings.set(id, { id, building, x, y, level, paid: before + paid });
  }

  #removes({ removed, refund, collected }: TownAnswer): Amounts {
    const building = this.#buildings.get(removed);
    assert.ok(building, `${removed} was there`);
    assert.equal(refund, Math.floor(building.paid / 2));
    this.#buildings.delete(removed);
    this.#balance += refund;
    return this.#gets(collected);
  }

  #gets({ coin = 0, ...items }: Amounts): Amounts {
    this.#balance += coin;
    return items;
  }

  #crafts({ item, quantity }: TownAnswer['crafted'], times: number): Amounts {
    const recipe = this.#catalogue.items.get(item)?.recipe;
    assert.equal(quantity, (recipe?.makes ?? 0) * times);
    const items = negative(recipe?.takes ?? {}, times);
    return { ...items, [item]: (items[item] ?? 0) + quantity };
  }
}

function negative(amounts: Readonly<Amounts>, times: number): Amounts {
  return Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => [name, -amount * times]),
  );
}
