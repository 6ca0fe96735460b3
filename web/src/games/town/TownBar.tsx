/** Over the map: which town this is and whose, who may come, and the way to the others. */
import { useEffect, useRef, useState } from 'react';
import { linkTo } from '../../address.ts';
import { changeSave } from '../../api.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { Icon } from '../../components/Icon.tsx';
import { inWords } from '../../failure.ts';
import { placeOfVisit } from '../../rooms/which-world.ts';
import type { WorldPicture } from '../../rooms/world.ts';
import { toastError } from '../../toasts.ts';
import { TownsDialog } from './TownsDialog.tsx';
import { townTitle } from './words.ts';

interface TownBarProps {
  state: WorldPicture<unknown> | null;
  mine: boolean;
}

export function TownBar({ state, mine }: TownBarProps) {
  const [open, setOpen] = useState(false);
  return (
    <header className="town-head">
      <div className="town-name">
        <h2 className="one-line" data-testid="town-title">
          {state === null ? 'Town' : townTitle(state)}
        </h2>
        <p className="one-line soft" data-testid="town-company">
          {state === null ? 'On the way' : companyText(state, mine)}
        </p>
      </div>
      {state !== null && mine && <Publicity world={state.world} isPublic={state.isPublic} />}
      <button
        type="button"
        className="button button-plain town-head-button"
        data-testid="slots-button"
        onClick={() => setOpen(true)}
      >
        <Icon name="house" size={16} />
        <span>Towns</span>
      </button>
      {open && (
        <TownsDialog here={mine ? (state?.world ?? null) : null} onClose={() => setOpen(false)} />
      )}
    </header>
  );
}

function companyText({ owner, players, isPublic }: WorldPicture<unknown>, mine: boolean): string {
  const others = players - 1;
  if (!mine) return `You visit ${owner}${others > 1 ? `, with ${others - 1} more` : ''}`;
  if (others > 0) return others === 1 ? 'One visitor is here' : `${others} visitors are here`;
  return isPublic ? 'Nobody else is here' : 'Only you can see it';
}

function Publicity({ world, isPublic }: { world: number; isPublic: boolean }) {
  const [asked, setAsked] = useState(false);
  // The room says when it is done.
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever it has changed, also from elsewhere
  useEffect(() => setAsked(false), [isPublic]);

  async function change(): Promise<void> {
    setAsked(true);
    await changeSave(world, { isPublic: !isPublic }).catch((error) => {
      setAsked(false);
      toastError(inWords(error));
    });
  }

  return (
    <div className="town-publicity">
      <button
        type="button"
        role="switch"
        className="town-switch"
        data-testid="public-switch"
        data-busy={asked}
        aria-checked={isPublic}
        disabled={asked}
        onClick={() => void change()}
      >
        <span className="town-switch-track" aria-hidden="true" />
        <span>Open to visitors</span>
      </button>
      <CopyLink link={linkTo('town', placeOfVisit(world))} shown={isPublic} />
    </div>
  );
}

const SAID_MS = 2_500;

/** Its place is kept while there is nothing to copy. */
function CopyLink({ link, shown }: { link: string; shown: boolean }) {
  const [told, setTold] = useState<'copied' | 'shown' | null>(null);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(link);
      setTold('copied');
      setTimeout(() => setTold(null), SAID_MS);
    } catch {
      // Browsers withhold the clipboard from pages without TLS: it can be copied by hand.
      setTold('shown');
    }
  }

  return (
    <>
      <button
        type="button"
        className="button button-plain town-head-button town-copy"
        data-testid="copy-link"
        data-link={link}
        hidden={!shown}
        onClick={() => void copy()}
      >
        <Icon name={told === 'copied' ? 'check' : 'link'} size={16} />
        <span aria-live="polite">{told === 'copied' ? 'Copied' : 'Copy link'}</span>
      </button>
      {told === 'shown' && <LinkDialog link={link} onClose={() => setTold(null)} />}
    </>
  );
}

function LinkDialog({ link, onClose }: { link: string; onClose(): void }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  return (
    <Dialog title="Link to this town" onClose={onClose}>
      <input
        className="input"
        readOnly
        value={link}
        ref={input}
        aria-label="Link to this town"
        onFocus={(event) => event.currentTarget.select()}
      />
    </Dialog>
  );
}
