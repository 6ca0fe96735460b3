/** What the reader of docs/verify.html does and sees. The verifier is the script before this one. */
import { type RoundProof, readProof, type VerificationStep, verifyRound } from '../verifier.ts';

/** A proof takes a few thousand characters. */
const MAX_PROOF_LENGTH = 1_000_000;
const FETCH_TIMEOUT_MS = 15_000;

type Verdict = 'working' | 'right' | 'wrong' | 'unknown' | 'unchecked';

interface ShownStep extends Omit<VerificationStep, 'name'> {
  readonly name: VerificationStep['name'] | 'witnessed';
}

const proofField = element('proof', HTMLTextAreaElement);
const seenField = element('seen', HTMLInputElement);
const serverField = element('server', HTMLInputElement);
const roundField = element('round', HTMLInputElement);
const fileField = element('file', HTMLInputElement);
const verdictLine = element('verdict', HTMLElement);
const noteLine = element('note', HTMLElement);
const stepList = element('steps', HTMLElement);

/** The check that is under way; the answers of those before it come too late. */
let current = 0;

element('check', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  started(() => proofField.value);
});
element('fetch', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  started(() => fetched(serverField.value.trim(), roundField.value.trim()));
});
element('open', HTMLButtonElement).addEventListener('click', () => fileField.click());
fileField.addEventListener('change', () => {
  const [file] = fileField.files ?? [];
  // So that the same file, changed, can be chosen again.
  if (file) started(() => read(file).finally(() => (fileField.value = '')));
});

function element<E extends HTMLElement>(id: string, type: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`there is no ${id} on this page`);
  return found;
}

/** What goes wrong with a check is said where its result would be. */
function started(proofText: () => string | Promise<string>): void {
  current += 1;
  const mine = current;
  show('working', 'Computing ...');
  check(proofText, () => mine === current).catch((error: unknown) => {
    if (mine !== current) return;
    const note =
      error instanceof NoAnswer ? ['Open this and paste what it shows: ', error.link] : [];
    show('unchecked', `Not checked. ${(error as Error).message}`, note);
  });
}

async function check(
  proofText: () => string | Promise<string>,
  isCurrent: () => boolean,
): Promise<void> {
  const text = await proofText();
  if (!isCurrent()) return;
  proofField.value = text;
  if (text.trim() === '') throw new Error('Paste a proof first.');
  if (text.length > MAX_PROOF_LENGTH) throw new Error('This is too long for a proof.');
  const proof = readProof(text);
  const seen = seenField.value.trim().toLowerCase();
  if (seen !== '' && !/^[0-9a-f]{64}$/.test(seen)) {
    throw new Error('The commitment that you saw must be 64 hexadecimal digits.');
  }
  if (proof.seed === null) {
    throw new Error('The seed is not published: the round is not over, or it was made void.');
  }
  const { ok, steps } = await verifyRound(proof);
  if (!isCurrent()) return;
  if (seen === '') showResult(proof, ok, steps);
  else
    showResult(proof, seen === proof.commitment.toLowerCase() && ok, withSeen(proof, steps, seen));
}

function withSeen(
  { commitment }: RoundProof,
  steps: readonly VerificationStep[],
  seen: string,
): ShownStep[] {
  const actual = commitment.toLowerCase();
  return [...steps, { name: 'witnessed', ok: seen === actual, expected: seen, actual }];
}

async function read(file: File): Promise<string> {
  if (file.size > MAX_PROOF_LENGTH) throw new Error('This file is too large for a proof.');
  return file.text();
}

/** The answer as text, also where it is an error: reading it tells. */
async function fetched(server: string, roundId: string): Promise<string> {
  const address = proofAddress(server, roundId);
  try {
    const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
    const response = await fetch(address, { signal, credentials: 'omit' });
    return await response.text();
  } catch {
    const link = document.createElement('a');
    link.href = address;
    link.textContent = address;
    link.target = '_blank';
    link.rel = 'noreferrer';
    throw new NoAnswer(link);
  }
}

/** Browsers do not tell a page whether nobody answered or the answer was kept from it. */
class NoAnswer extends Error {
  readonly link: HTMLAnchorElement;

  constructor(link: HTMLAnchorElement) {
    super('The server did not answer, or does not let this page read its answer.');
    this.link = link;
  }
}

/** Without a scheme: plain HTTP on this machine, TLS elsewhere. */
function proofAddress(server: string, roundId: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(roundId)) {
    throw new Error('The id of a round is a UUID, such as 0190c8f4-7a5b-7c1d-9e2f-0123456789ab.');
  }
  const scheme = /^(localhost|127\.|\[::1\])/i.test(server) ? 'http://' : 'https://';
  const address = /^https?:\/\//i.test(server) ? server : scheme + server;
  if (server === '' || !URL.canParse(address)) {
    throw new Error('The address of a server is something like http://localhost:2567.');
  }
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname.replace(/\/+$/, '')}/api/v1/rounds/${roundId}/proof`;
}

function show(verdict: Verdict, text: string, note: (string | Node)[] = []): void {
  verdictLine.dataset.verdict = verdict;
  verdictLine.textContent = text;
  noteLine.replaceChildren(...note);
  stepList.replaceChildren();
}

function showResult(proof: RoundProof, ok: boolean | null, steps: readonly ShownStep[]): void {
  const right = steps.filter((step) => step.ok === true).length;
  const wrong = steps.filter((step) => step.ok === false).length;
  const note = [`Game: ${proof.game}. Round: ${proof.roundId}.`];
  if (seenField.value.trim() === '') {
    note.push(' Compare its commitment with the one that you saw before the round.');
  }
  if (ok) {
    show('right', `All ${right} steps are right: the round is as it was committed to.`, note);
  } else if (ok === null) {
    show(
      'unknown',
      `${right} steps are right, and none is wrong. What was drawn cannot be told: this page does not know the game.`,
      note,
    );
  } else {
    const are = wrong === 1 ? 'is' : 'are';
    show('wrong', `Do not trust this round: ${wrong} of ${steps.length} steps ${are} wrong.`, note);
  }
  stepList.replaceChildren(...steps.map((step) => shownStep(step, proof)));
  verdictLine.scrollIntoView({ block: 'nearest' });
}

const MARKS = { true: 'right', false: 'wrong', null: 'cannot be told' } as const;

function shownStep({ name, ok, expected, actual }: ShownStep, proof: RoundProof): HTMLElement {
  const [title, why, claimed = 'Claimed', computed = 'Computed'] = wordsOf(name, proof);
  const item = document.createElement('li');
  item.dataset.step = name;
  item.dataset.ok = String(ok);
  const heading = withText('h2', title);
  heading.append(withText('span', MARKS[`${ok}`]));
  const explanation = withText('p', why);
  explanation.className = 'soft';
  const values = document.createElement('dl');
  values.append(withText('dt', claimed), withText('dd', inLines(expected)));
  values.append(withText('dt', computed), withText('dd', inLines(actual)));
  item.append(heading, explanation, values);
  return item;
}

type StepWords = readonly [title: string, why: string, expected?: string, actual?: string];

/** Title, what it means, and what its two values are called. */
function wordsOf(name: ShownStep['name'], { index, game }: RoundProof): StepWords {
  const times = index === 1 ? 'once' : `${index} times`;
  switch (name) {
    case 'seed':
      return ['Seed', 'All that was drawn comes from it.', 'Wanted', 'Published'];
    case 'commitment':
      return ['Commitment', 'SHA-256 of the seed is the commitment of the round.'];
    case 'chain':
      return [
        'Chain',
        `SHA-256 applied ${times} gives the start of the chain, published before its first round.`,
      ];
    case 'beacon':
      return [
        'Beacon',
        'A public random number that nobody knew when bets closed. Its randomness is SHA-256 of its signature; who signed it is not checked here.',
      ];
    case 'outcome':
      return ['Outcome', DRAWN.get(game) ?? 'The rules of this game are not in this page.'];
    case 'match':
      return [
        'Match',
        'All moves are played again: each must be legal, and the end must follow.',
        'Claimed',
        'Replayed',
      ];
    case 'witnessed':
      return ['What you saw', 'The commitment before the round.', 'You saw', 'In the proof'];
  }
}

const DRAWN = new Map([
  ['crash', 'The multiplier at which the round crashed.'],
  ['roulette', 'The number.'],
  ['derby', 'The times of the runners in ms, and who finished in which place.'],
  ['duel', 'The seat that begins. Nothing else of a match is drawn.'],
]);

function withText(tag: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/** A line for each field of an outcome in JSON. */
function inLines(text: string): string {
  return text.startsWith('{') ? text.replace(/,(?="\w+":)/g, ',\n') : text;
}
