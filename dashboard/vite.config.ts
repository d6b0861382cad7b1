import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // What is inlined into a page or a stylesheet would want a looser Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // For tools/embed.mjs, which weighs the first view.
    manifest: true,
  },
  // `npm run dev` beside a server: only the page's own files come from Vite.
  server: { proxy: { '/admin': { target: 'http://127.0.0.1:8081', ws: true } } },
  test: { include: ['src/**/*.test.ts', 'tools/*.test.mjs'], environment: 'node' },
});
