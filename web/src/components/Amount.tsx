/** An exact integer, its digits in groups that do not change the text. */
import { digitGroups } from '../money.ts';

export function Amount({ value, sign = false }: { value: number; sign?: boolean }) {
  const prefix = value < 0 ? '-' : sign ? '+' : '';
  return (
    <span className="digits">
      {digitGroups(value).map((group, index, all) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: its place is what a group of digits is
        <span key={all.length - index}>{index === 0 ? prefix + group : group}</span>
      ))}
    </span>
  );
}
