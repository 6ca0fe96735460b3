/** Things by their drawings: an item or a coin, and a price made of them. */
import { Amount } from '../../components/Amount.tsx';
import type { Lack, Price } from './afford.ts';
import { iconOf } from './art/icons.ts';
import { COIN, type TownCatalogue, titleOf } from './catalogue.ts';

export function Thing({ name, size = 20 }: { name: string; size?: number }) {
  return (
    <svg
      className="town-art town-thing"
      viewBox="0 0 24 24"
      width={size}
      height={size}
      aria-hidden="true"
    >
      {iconOf(name).map(([m, f, d]) => (
        <path key={`${m}${f}${d}`} data-m={m} data-f={f} d={d} />
      ))}
    </svg>
  );
}

interface CountedProps {
  thing: string;
  quantity: number;
  catalogue: TownCatalogue;
  /** There is too little of it. */
  missing?: boolean;
}

/** "12 [wheat]", read out as "12 wheat". */
export function Counted({ thing, quantity, catalogue, missing = false }: CountedProps) {
  return (
    <span className="town-counted" data-missing={missing} title={titleOf(catalogue, thing)}>
      <Thing name={thing} size={18} />
      <Amount value={quantity} />
      <span className="visually-hidden"> {titleOf(catalogue, thing)}</span>
    </span>
  );
}

interface PriceTagProps {
  price: Price;
  lack: Lack | null;
  catalogue: TownCatalogue;
}

export function PriceTag({ price, lack, catalogue }: PriceTagProps) {
  return (
    <span className="town-price">
      {price.coins > 0 && (
        <Counted
          thing={COIN}
          quantity={price.coins}
          catalogue={catalogue}
          missing={(lack?.coins ?? 0) > 0}
        />
      )}
      {Object.entries(price.items).map(([item, quantity]) => (
        <Counted
          key={item}
          thing={item}
          quantity={quantity}
          catalogue={catalogue}
          missing={lack !== null && item in lack.items}
        />
      ))}
    </span>
  );
}
