/** The amount to bet, and three buttons that change it. */
import { parseAmount } from '../money.ts';

interface StakeInputProps {
  text: string;
  invalid: boolean;
  /** What the balance and the table allow. */
  most: number;
  onChange(text: string): void;
}

export function StakeInput({ text, invalid, most, onChange }: StakeInputProps) {
  const amount = parseAmount(text) ?? 0;
  const set = (next: number) => onChange(String(Math.max(1, Math.min(next, most))));
  return (
    <div className="field stake">
      <label className="field-label" htmlFor="stake">
        Amount
      </label>
      <div className="stake-row">
        <input
          id="stake"
          className="input"
          inputMode="numeric"
          autoComplete="off"
          maxLength={15}
          value={text}
          aria-invalid={invalid}
          data-testid="amount-input"
          onChange={(event) => onChange(event.target.value)}
        />
        <QuickButton
          label="1/2"
          name="Half the amount"
          onPress={() => set(Math.floor(amount / 2))}
        />
        <QuickButton label="2x" name="Double the amount" onPress={() => set(amount * 2)} />
        <QuickButton label="Max" name="As much as possible" onPress={() => set(most)} />
      </div>
    </div>
  );
}

interface QuickButtonProps {
  label: string;
  name: string;
  onPress(): void;
}

function QuickButton({ label, name, onPress }: QuickButtonProps) {
  return (
    <button
      type="button"
      className="button button-plain quick"
      aria-label={name}
      // A pointer leaves the focus where it is, so that Space goes on to mean "bet"; the keyboard can still come here.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onPress}
    >
      {label}
    </button>
  );
}
