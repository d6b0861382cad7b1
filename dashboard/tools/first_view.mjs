/** What the first view may weigh, compressed. */
export const kFirstViewBytesMax = 200_000;

/**
 * The most that any first view loads: the entry with all it imports, and the heaviest screen with all of its own.
 * `manifest` is Vite's, `weigh` gives the bytes of a built file as they cross the network.
 */
export function firstViewBytes(manifest, weigh) {
  const entry = Object.keys(manifest).find((name) => manifest[name].isEntry);
  if (!entry) throw new Error('the manifest has no entry');
  const start = filesOf(manifest, entry);
  const total = (files) => [...files].reduce((sum, file) => sum + weigh(file), 0);
  const screens = Object.keys(manifest).filter((name) => manifest[name].isDynamicEntry);
  const views = screens.map((screen) => total(new Set([...start, ...filesOf(manifest, screen)])));
  return Math.max(total(start), ...views);
}

function filesOf(manifest, name, seen = new Set(), files = new Set()) {
  if (seen.has(name)) return files;
  seen.add(name);
  const chunk = manifest[name];
  [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])].forEach((file) => files.add(file));
  (chunk.imports ?? []).forEach((imported) => filesOf(manifest, imported, seen, files));
  return files;
}
