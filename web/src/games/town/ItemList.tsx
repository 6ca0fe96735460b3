/** What the player has, and the shop. */
import { useState } from 'react';
import { Amount } from '../../components/Amount.tsx';
import type { Purse } from './afford.ts';
import type { TownCatalogue, Ware } from './catalogue.ts';
import type { TownCommand, TownCommands } from './commands.ts';
import { Thing } from './Thing.tsx';

interface ItemListProps {
  catalogue: TownCatalogue;
  purse: Purse;
  asked: readonly TownCommand[];
  commands: TownCommands;
}

const LOTS = [1, 10, 100] as const;

export function ItemList({ catalogue, purse, asked, commands }: ItemListProps) {
  const [lot, setLot] = useState<number>(LOTS[0]);
  const shown = [...catalogue.wares.values()].filter(
    ({ name, isActive }) => isActive || (purse.inventory?.get(name) ?? 0) > 0,
  );
  return (
    <>
      <fieldset className="switch town-lots" aria-label="How many at once">
        {LOTS.map((each) => (
          <button key={each} type="button" aria-pressed={lot === each} onClick={() => setLot(each)}>
            {each}
          </button>
        ))}
      </fieldset>
      <ul className="town-wares">
        {shown.map((ware) => (
          <WareRow
            key={ware.name}
            ware={ware}
            lot={lot}
            purse={purse}
            busy={asked.some((command) => 'item' in command && command.item === ware.name)}
            onTrade={(type) => void commands.carryOut({ type, item: ware.name, quantity: lot })}
          />
        ))}
      </ul>
    </>
  );
}

interface WareRowProps {
  ware: Ware;
  lot: number;
  purse: Purse;
  busy: boolean;
  onTrade(type: 'buy' | 'sell'): void;
}

function WareRow({ ware, lot, purse, busy, onTrade }: WareRowProps) {
  const held = purse.inventory?.get(ware.name) ?? 0;
  const { price, sellPrice, title, isActive } = ware;
  const noBuy = buyRefusal(ware, lot, held, purse.balance);
  const noSell = held < lot ? `you have ${held}` : '';
  return (
    <li
      className="town-ware"
      data-testid={`inventory-${ware.name}`}
      data-quantity={held}
      data-none={held === 0}
      title={ware.about}
    >
      <Thing name={ware.name} size={30} />
      <span className="town-ware-name">
        <span className="one-line">{title}</span>
        <strong>
          <Amount value={held} />
        </strong>
      </span>
      <TradeButton
        word="Buy"
        what={`${lot} ${title}`}
        coins={price === null || !isActive ? null : price * lot}
        refusal={noBuy}
        busy={busy}
        testId={`buy-${ware.name}`}
        onPress={() => onTrade('buy')}
      />
      <TradeButton
        word="Sell"
        what={`${lot} ${title}`}
        coins={sellPrice === null ? null : sellPrice * lot}
        refusal={noSell}
        busy={busy}
        testId={`sell-${ware.name}`}
        onPress={() => onTrade('sell')}
      />
    </li>
  );
}

function buyRefusal({ price, stack }: Ware, lot: number, held: number, balance: number | null) {
  if (price === null) return 'not for sale';
  if (held + lot > stack) return `you may have ${stack}`;
  return balance !== null && balance < price * lot ? 'more than your balance' : '';
}

interface TradeButtonProps {
  word: string;
  what: string;
  /** Null: the shop does not. */
  coins: number | null;
  /** '' when nothing speaks against it. */
  refusal: string;
  busy: boolean;
  testId: string;
  onPress(): void;
}

function TradeButton({ word, what, coins, refusal, busy, testId, onPress }: TradeButtonProps) {
  if (coins === null) return <span className="town-trade town-trade-none">-</span>;
  const off = refusal !== '' || busy;
  const why = refusal === '' ? '' : ` (${refusal})`;
  return (
    <button
      type="button"
      className="button button-plain town-trade"
      data-testid={testId}
      data-busy={busy}
      aria-disabled={off}
      aria-label={`${word} ${what} for ${coins} coins${why}`}
      title={refusal === '' ? undefined : refusal}
      onClick={() => off || onPress()}
    >
      <span>{word}</span>
      <Amount value={coins} />
    </button>
  );
}
