/** The page: built from web/ to web/dist, which the server serves at its own origin. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** While developing with `vite web`: where the server listens. */
const SERVER = 'http://localhost:2567';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: {
      // Libraries change less often than the page: browsers keep them over its updates.
      output: { codeSplitting: { groups: [{ name: 'libraries', test: /node_modules/ }] } },
    },
  },
  server: {
    proxy: {
      '^/(auth|api|matchmake)/': SERVER,
      // A room's socket: /<process id>/<room id>?sessionId=...
      '^/[\\w-]+/[\\w-]+\\?.*sessionId=': { target: SERVER, ws: true },
    },
  },
});
