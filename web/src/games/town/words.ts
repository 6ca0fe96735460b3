/** What is said in a town. */
import { COIN, type TownCatalogue, titleOf } from './catalogue.ts';
import type { TownAnswer, TownCommand } from './commands.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "a", "a and b", "a, b and c" */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts[0] ?? '';
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** A time that runs down: "0:08", "1:20", "2:05:00"; a second is over when the whole of it is. */
export function countdownText(ms: number): string {
  const seconds = Math.ceil(ms / SECOND);
  const [s, m, h] = [seconds % 60, Math.floor(seconds / 60) % 60, Math.floor(seconds / 3600)];
  const two = (figure: number) => String(figure).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** About how long: "40 s", "5 min", "3 h", "2 days". */
export function spanText(ms: number): string {
  if (ms < MINUTE) return `${Math.max(1, Math.ceil(ms / SECOND))} s`;
  if (ms < HOUR) return `${Math.ceil(ms / MINUTE)} min`;
  if (ms < 2 * DAY) {
    const tenths = Math.ceil(ms / (HOUR / 10)) / 10;
    return `${tenths < 10 ? tenths : Math.ceil(tenths)} h`;
  }
  return `${Math.ceil(ms / DAY)} days`;
}

/** What a town goes by: its title, or whose it is and which. */
export function townTitle({ title, owner, slot }: TownNames): string {
  if (title !== '') return title;
  return slot === 1 ? `${owner}'s town` : `${owner}'s town ${slot}`;
}

interface TownNames {
  readonly title: string;
  readonly owner: string;
  readonly slot: number;
}

/** What a command has come to. */
export function doneText(
  command: TownCommand,
  answer: TownAnswer,
  catalogue: TownCatalogue,
  buildingTitle: (id: number) => string,
): string {
  const some = (item: string, quantity: number) => amountText(catalogue, item, quantity);
  switch (command.type) {
    case 'build':
      return `${catalogue.kinds.get(command.building)?.title ?? command.building}: under construction.`;
    case 'upgrade':
      return `${buildingTitle(command.id)}: the next level is being built.`;
    case 'move':
      return `${buildingTitle(command.id)} moved.`;
    case 'demolish': {
      const { [COIN]: stored = 0, ...items } = answer.collected ?? {};
      const coins = stored + (answer.refund ?? 0);
      const back = [...(coins > 0 ? [[COIN, coins] as const] : []), ...Object.entries(items)];
      const what = back.map(([thing, quantity]) => some(thing, quantity));
      return what.length === 0 ? 'Demolished.' : `Demolished. ${listed(what)} came back.`;
    }
    case 'collect': {
      const what = Object.entries(answer.collected ?? {});
      return `Collected ${listed(what.map(([thing, units]) => some(thing, units)))}.`;
    }
    case 'supply':
      return `${some(command.item, answer.supplied?.quantity ?? 0)} brought to ${buildingTitle(command.id)}.`;
    case 'craft':
      return `Made ${some(command.item, answer.crafted?.quantity ?? 0)}.`;
    case 'buy':
      return `Bought ${some(command.item, command.quantity)} for ${answer.price ?? 0}.`;
    case 'sell':
      return `Sold ${some(command.item, command.quantity)} for ${answer.price ?? 0}.`;
  }
}

/** "40 coins", "3 plank" */
export function amountText(catalogue: TownCatalogue, thing: string, quantity: number): string {
  if (thing === COIN) return quantity === 1 ? '1 coin' : `${quantity} coins`;
  return `${quantity} ${titleOf(catalogue, thing).toLowerCase()}`;
}
