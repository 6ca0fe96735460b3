/** The player's own towns: to go to, name, open and give up. */
import { type FormEvent, useEffect, useEffectEvent, useState } from 'react';
import type { GameStateEntry, GameStatePatch } from '../../../../src/protocol.ts';
import { session } from '../../account/session.ts';
import { openTable } from '../../address.ts';
import { changeSave, deleteSave, getSaves, openSave } from '../../api.ts';
import { useCatalogue } from '../../catalogue.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { inWords } from '../../failure.ts';
import { placeOfSlot } from '../../rooms/which-world.ts';
import { useStore } from '../../store.ts';
import { toastError } from '../../toasts.ts';
import { townTitle } from './words.ts';

const GAME = 'town';
const MAX_TITLE = 50;

interface TownsDialogProps {
  /** The own town where the player is. */
  here: number | null;
  onClose(): void;
}

export function TownsDialog({ here, onClose }: TownsDialogProps) {
  const [saves, setSaves] = useState<readonly GameStateEntry[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const slots = useSlots();
  const who = useStore(session);
  const owner = who.status === 'signedIn' ? who.user.username : '';
  const towns = (saves ?? [])
    .filter(({ game, setAside }) => game === GAME && setAside === null)
    .sort((a, b) => a.slot - b.slot);

  /** Does something, and reads anew what there is then. */
  async function carryOut(work: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    setError('');
    try {
      await work();
    } catch (failure) {
      setError(inWords(failure));
    }
    await getSaves().then(setSaves, (failure) => setError(inWords(failure)));
    setBusy(false);
  }
  const onStart = useEffectEvent(() => void carryOut(async () => undefined));
  useEffect(() => onStart(), []);

  function go({ slot }: GameStateEntry): void {
    openTable(GAME, placeOfSlot(slot));
    onClose();
  }

  /** Whoever is in it goes to another one; where there is none, the place is founded anew. */
  function giveUp({ id }: GameStateEntry): void {
    if (id !== here) return void carryOut(() => deleteSave(id));
    const other = towns.find((town) => town.id !== id);
    if (other) openTable(GAME, placeOfSlot(other.slot));
    deleteSave(id).catch((failure) => toastError(inWords(failure)));
    onClose();
  }

  const free = slots !== null && saves !== null && towns.length < slots;
  return (
    <Dialog title="Your towns" onClose={onClose}>
      <ul className="town-towns" data-testid="towns" aria-busy={busy}>
        {towns.map((town) => (
          <TownRow
            key={town.id}
            town={town}
            owner={owner}
            isHere={town.id === here}
            busy={busy}
            onGo={() => go(town)}
            onChange={(patch) => void carryOut(() => changeSave(town.id, patch))}
            onDelete={() => giveUp(town)}
          />
        ))}
        {saves === null && error === '' && <li className="soft">Reading your towns.</li>}
      </ul>
      <p className="form-error" role="alert">
        {error}
      </p>
      <div className="dialog-foot">
        <p className="soft">{slots === null ? '' : `${towns.length} of ${slots} towns`}</p>
        <button
          type="button"
          className="button button-primary"
          data-testid="town-new"
          disabled={busy || !free}
          onClick={() => void carryOut(() => openSave({ game: GAME }))}
        >
          Found another town
        </button>
      </div>
    </Dialog>
  );
}

interface TownRowProps {
  town: GameStateEntry;
  owner: string;
  isHere: boolean;
  busy: boolean;
  onGo(): void;
  onChange(patch: GameStatePatch): void;
  onDelete(): void;
}

function TownRow({ town, owner, isHere, busy, onGo, onChange, onDelete }: TownRowProps) {
  const [doing, setDoing] = useState<'rename' | 'delete' | null>(null);
  const name = townTitle({ ...town, owner });
  return (
    <li className="town-town" data-testid={`town-${town.slot}`} data-here={isHere}>
      <button
        type="button"
        className="town-town-go"
        aria-current={isHere ? 'location' : undefined}
        disabled={isHere}
        onClick={onGo}
      >
        <span className="one-line">{name}</span>
        <span className="soft">
          {isHere ? 'you are here' : `saved ${when(town.lastSaved)}`}
          {town.isPublic && ', open to visitors'}
        </span>
      </button>
      <button
        type="button"
        className="link"
        aria-label={`Rename ${name}`}
        data-testid={`town-rename-${town.slot}`}
        onClick={() => setDoing(doing === 'rename' ? null : 'rename')}
      >
        Rename
      </button>
      <button
        type="button"
        className="link"
        aria-label={`Delete ${name}`}
        data-testid={`town-delete-${town.slot}`}
        onClick={() => setDoing(doing === 'delete' ? null : 'delete')}
      >
        Delete
      </button>
      {doing === 'rename' && (
        <Rename
          title={town.title}
          busy={busy}
          onDone={(title) => {
            setDoing(null);
            if (title !== town.title) onChange({ title });
          }}
        />
      )}
      {doing === 'delete' && (
        <div className="town-ask">
          <p>All that stands in {name} is lost. Coins and items that you have stay yours.</p>
          <div className="town-deeds">
            <button
              type="button"
              className="button town-danger"
              data-testid={`town-delete-sure-${town.slot}`}
              disabled={busy}
              onClick={() => {
                setDoing(null);
                onDelete();
              }}
            >
              Delete for good
            </button>
            <button type="button" className="button button-plain" onClick={() => setDoing(null)}>
              Keep it
            </button>
          </div>
        </div>
      )}
    </li>
  );
}

interface RenameProps {
  title: string;
  busy: boolean;
  onDone(title: string): void;
}

function Rename({ title, busy, onDone }: RenameProps) {
  const [text, setText] = useState(title);
  return (
    <form
      className="town-rename"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onDone(text.trim());
      }}
    >
      <label className="field">
        <span className="field-label">Name of the town</span>
        <input
          className="input"
          // biome-ignore lint/a11y/noAutofocus: it was just asked for
          autoFocus
          value={text}
          maxLength={MAX_TITLE}
          data-testid="town-title-input"
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <button type="submit" className="button button-primary" disabled={busy}>
        Save
      </button>
    </form>
  );
}

/** How many towns a player may have; null until it is known. */
function useSlots(): number | null {
  const slots = useCatalogue()?.find(({ name }) => name === GAME)?.parameters.slots;
  return typeof slots === 'number' ? slots : null;
}

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' });
const when = (time: string) => WHEN.format(new Date(time));
