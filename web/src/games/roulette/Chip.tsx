/** A chip from above. Its colour is its value's; on a stack, that of the greatest chip in it. */
import { chipFor, shortAmount } from './chips.ts';

interface ChipProps {
  amount: number;
  /** `waiting` lies there and is not placed; `tray` is one to choose. */
  kind: 'tray' | 'waiting' | 'placed';
}

export function Chip({ amount, kind }: ChipProps) {
  return (
    <span className="chip-disc" data-kind={kind} data-chip={chipFor(amount)} aria-hidden="true">
      {shortAmount(amount)}
    </span>
  );
}
