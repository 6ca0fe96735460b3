/** One step of a check: what it means, what was claimed, and what was computed here. */
import type { VerificationStep } from '../../../src/fairness/verifier.ts';
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

const TEXTS: Record<CheckedStep['name'], (index: number) => StepText> = {
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
  outcome: () => ({
    title: 'The seed gives this crash point',
    why: 'HMAC-SHA256 of seed, salt and round id, turned into a multiplier.',
    expected: 'Played',
    actual: 'Computed here',
  }),
  witnessed: () => ({
    title: 'You saw this commitment yourself',
    why: 'This page had it from the table while bets were open.',
    expected: 'Seen then',
    actual: 'In the proof',
  }),
};

export function ProofStep({ step, index }: { step: CheckedStep; index: number }) {
  const text = TEXTS[step.name](index);
  return (
    <li className="proof-step" data-ok={step.ok} data-step={step.name}>
      <span className="proof-mark">
        <Icon name={step.ok ? 'check' : 'cross'} size={16} />
        <span className="visually-hidden">{step.ok ? 'right' : 'wrong'}</span>
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
