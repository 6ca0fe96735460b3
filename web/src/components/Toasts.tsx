/** Refusals and errors in words; read out when they come, gone after a while. */
import { useStore } from '../store.ts';
import { dismissToast, toasts } from '../toasts.ts';
import { Icon } from './Icon.tsx';

export function Toasts() {
  const shown = useStore(toasts);
  return (
    <div className="toasts" role="alert">
      {shown.map(({ id, text }) => (
        <div key={id} className="toast" data-testid="error-toast">
          <span>{text}</span>
          <button
            type="button"
            className="icon-button"
            aria-label="Dismiss"
            onClick={() => dismissToast(id)}
          >
            <Icon name="close" size={15} />
          </button>
        </div>
      ))}
    </div>
  );
}
