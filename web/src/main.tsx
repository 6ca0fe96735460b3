import { createRoot } from 'react-dom/client';
import { startSession } from './account/session.ts';
import { App } from './components/App.tsx';

void startSession();
createRoot(document.getElementById('root') as HTMLElement).render(<App />);
