/** "Check this round": the proof is fetched, and everything in it is computed anew in this browser. */
import { useEffect, useState } from 'react';
import { verifyRound } from '../../../src/fairness/verifier.ts';
import type { Proof } from '../../../src/protocol.ts';
import { getProof } from '../api.ts';
import { inWords } from '../failure.ts';
import type { GameWords } from '../games/words.ts';
import { Dialog } from './Dialog.tsx';
import { type CheckedStep, ProofStep } from './ProofStep.tsx';

interface ProofDialogProps {
  roundId: string;
  game: GameWords;
  /** What this page was shown as the commitment before the round was over, if it was here. */
  seenCommitment: string | null;
  onClose(): void;
}

type Check =
  | { status: 'working' }
  | { status: 'failed'; text: string }
  | { status: 'done'; proof: Proof; ok: boolean | null; steps: readonly CheckedStep[] };

export function ProofDialog({ roundId, game, seenCommitment, onClose }: ProofDialogProps) {
  const [check, setCheck] = useState<Check>({ status: 'working' });

  useEffect(() => {
    let left = false;
    checkRound(roundId, seenCommitment).then(
      (done) => left || setCheck(done),
      (error) => left || setCheck({ status: 'failed', text: inWords(error) }),
    );
    return () => {
      left = true;
    };
  }, [roundId, seenCommitment]);

  return (
    <Dialog title="Check this round" onClose={onClose}>
      <p
        className="proof-result"
        role="status"
        data-testid="proof-result"
        data-ok={check.status === 'done' ? (check.ok ?? 'unknown') : undefined}
      >
        {resultText(check)}
      </p>
      {check.status === 'done' && <ProofBody game={game} proof={check.proof} steps={check.steps} />}
    </Dialog>
  );
}

async function checkRound(roundId: string, seen: string | null): Promise<Check> {
  const proof = await getProof(roundId);
  if (proof.seed === null) {
    return { status: 'failed', text: 'Its seed is not published: the round is not over, or void.' };
  }
  const { ok, steps } = await verifyRound(proof);
  if (seen === null) return { status: 'done', proof, ok, steps };
  const witnessed: CheckedStep = {
    name: 'witnessed',
    ok: seen === proof.commitment,
    expected: seen,
    actual: proof.commitment,
  };
  return { status: 'done', proof, ok: witnessed.ok && ok, steps: [...steps, witnessed] };
}

function resultText(check: Check): string {
  if (check.status === 'working') return 'Computing in your browser.';
  if (check.status === 'failed') return `Not checked. ${check.text}`;
  const right = check.steps.filter((step) => step.ok).length;
  if (check.ok) return `All ${right} steps are right. This round was decided before bets opened.`;
  if (check.ok === null) {
    return 'Seed, commitment and chain are right. The outcome of this game cannot be recomputed here.';
  }
  return `Only ${right} of ${check.steps.length} steps are right. Do not trust this round.`;
}

interface ProofBodyProps {
  game: GameWords;
  proof: Proof;
  steps: readonly CheckedStep[];
}

function ProofBody({ game, proof, steps }: ProofBodyProps) {
  return (
    <>
      <ol className="proof-steps">
        {steps.map((step) => (
          <ProofStep key={step.name} step={step} index={proof.index} game={game} />
        ))}
      </ol>
      <details className="proof-raw">
        <summary>The proof as the server published it</summary>
        <pre>{JSON.stringify(proof, null, 2)}</pre>
      </details>
    </>
  );
}
