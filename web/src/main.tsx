import { createRoot } from 'react-dom/client';
import { startSession } from './account/session.ts';
import { App } from './components/App.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/layout.css';
import './styles/table.css';
import './styles/overlays.css';

void startSession();
createRoot(document.getElementById('root') as HTMLElement).render(<App />);
