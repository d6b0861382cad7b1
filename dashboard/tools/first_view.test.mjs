import { expect, it } from 'vitest';
import { firstViewBytes } from './first_view.mjs';

const kSizes = { 'main.js': 70, 'main.css': 5, 'ui.js': 10, 'apps.js': 3, 'users.js': 20, 'users.css': 2 };
const weigh = (file) => kSizes[file];

it('counts the entry and the heaviest screen, each file once', () => {
  const manifest = {
    'index.html': { file: 'main.js', css: ['main.css'], isEntry: true, dynamicImports: ['a', 'u'] },
    _ui: { file: 'ui.js', imports: ['index.html'] },
    a: { file: 'apps.js', isDynamicEntry: true, imports: ['_ui', 'index.html'] },
    u: { file: 'users.js', css: ['users.css'], isDynamicEntry: true, imports: ['_ui', 'index.html'] },
  };
  expect(firstViewBytes(manifest, weigh)).toBe(70 + 5 + 10 + 20 + 2);
});

it('counts the entry alone where there is no screen', () => {
  expect(firstViewBytes({ 'index.html': { file: 'main.js', isEntry: true } }, weigh)).toBe(70);
});

it('does not take a manifest without an entry for an empty page', () => {
  expect(() => firstViewBytes({ a: { file: 'apps.js', isDynamicEntry: true } }, weigh)).toThrow();
});
