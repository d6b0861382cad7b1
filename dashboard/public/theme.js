// Before the first paint, so that a dark page never flashes white. The switch is in src/app/theme.ts.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('latchkey-theme');
  } catch (error) {
    // Storage may be forbidden; the system's choice counts then.
  }
  var dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
