/** Entry of the screen. Zod must not compile validators with `new Function`: the content security policy forbids it. */
import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import './styles/components.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/ui.css';
import './styles/features.css';
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { App } from './app/app';
import { start } from './app/start-store';

z.config({ jitless: true });

const container = document.getElementById('root');
if (container !== null) {
  void start().then(() => createRoot(container).render(<App />));
}
