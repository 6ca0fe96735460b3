/** One step of a check: what it means, what was claimed, and what was computed here. */
import type { VerificationStep } from '../../../src/fairness/verifier.ts';
import type { GameWords } from '../games/words.ts';
import { Icon } from './Icon.tsx';

/** The verifier's steps, and the one that only this page can take: comparing with what it was shown. */
export interface CheckedStep extends Omit<VerificationStep, 'name'> {
  readonly name: VerificationStep['name'] | 'witnessed';
}

interface StepText {
  readonly title: string;
  readonly why: string;
  readonly expected: string;
  readonly actual: string;
}

const TEXTS: Record<CheckedStep['name'], (index: number, game: GameWords) => StepText> = {
  seed: () => ({
    title: 'The seed is published',
    why: 'All that decided the round comes from it.',
    expected: 'Wanted',
    actual: 'Seed',
  }),
  commitment: () => ({
    title: 'The seed fits the commitment',
    why: 'SHA-256 of the seed is what the table showed before bets opened.',
    expected: 'Shown before',
    actual: 'Computed here',
  }),
  chain: (index) => ({
    title: 'The seed belongs to the chain',
    why: `Hashed ${index} ${index === 1 ? 'time' : 'times'}, it gives the start of the chain that was published before its first round.`,
    expected: 'Published',
    actual: 'Computed here',
  }),
  beacon: () => ({
    title: 'The public beacon fits its signature',
    why: 'A drand round that nobody knew when bets closed was mixed in, or was not there: then it says so.',
    expected: 'In the proof',
    actual: 'Computed here',
  }),
  outcome: (_, game) => ({
    ...game.proof,
    expected: 'Played',
    actual: 'Computed here',
  }),
  match: () => ({
    title: 'The moves are legal and end it so',
    why: 'Every move was played again here, by the rules of the game.',
    expected: 'Played',
    actual: 'Replayed here',
  }),
  witnessed: () => ({
    title: 'You saw this commitment yourself',
    why: 'This page had it from the table while bets were open.',
    expected: 'Seen then',
    actual: 'In the proof',
  }),
};

const MARKS = { true: 'right', false: 'wrong', null: 'cannot be told' } as const;

interface ProofStepProps {
  step: CheckedStep;
  index: number;
  game: GameWords;
}

export function ProofStep({ step, index, game }: ProofStepProps) {
  const text = TEXTS[step.name](index, game);
  return (
    <li className="proof-step" data-ok={step.ok ?? 'unknown'} data-step={step.name}>
      <span className="proof-mark">
        {step.ok === null ? '?' : <Icon name={step.ok ? 'check' : 'cross'} size={16} />}
        <span className="visually-hidden">{MARKS[`${step.ok}`]}</span>
      </span>
      <div className="proof-text">
        <h3>{text.title}</h3>
        <p className="soft">{text.why}</p>
        <dl>
          {step.name !== 'seed' && (
            <>
              <dt>{text.expected}</dt>
              <dd>{step.expected}</dd>
            </>
          )}
          <dt>{text.actual}</dt>
          <dd>{step.actual}</dd>
        </dl>
      </div>
    </li>
  );
}
