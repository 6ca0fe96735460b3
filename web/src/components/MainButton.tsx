/** The one big button. It says what it will do; it never does what it does not say. */
import type { ReactNode } from 'react';
import type { MainAction } from '../main-action.ts';

interface MainButtonProps {
  action: MainAction;
  /** In place of the action's detail, e.g. a figure that moves. */
  detail?: ReactNode;
}

export function MainButton({ action, detail }: MainButtonProps) {
  return (
    <button
      type="submit"
      className="main-button"
      data-testid="main-button"
      data-action={action.kind}
      aria-disabled={action.kind === 'wait'}
    >
      <span className="main-button-label">{action.label}</span>
      {detail || (
        <span key="detail" className="main-button-detail">
          {action.detail}
        </span>
      )}
    </button>
  );
}
