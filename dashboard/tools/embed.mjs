// embed.mjs DIST OUTPUT: makes OUTPUT.cpp and OUTPUT.bin of the files that Vite built. The source has the table that
// src/api/static_files.hpp declares; the bytes stand in the other file, for the assembler takes them in a moment and
// a compiler takes seconds to read them as numbers.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { firstViewBytes, kFirstViewBytesMax } from './first_view.mjs';

const kContentTypes = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const [dist, output] = process.argv.slice(2);
const files = listFiles(dist).map((path) => {
  const contentType = kContentTypes[extname(path)];
  if (!contentType) throw new Error(`${path}: no content type is known for it`);
  const bytes = readFileSync(join(dist, path));
  const gzip = gzipSync(bytes, { level: 9 });
  return {
    path: `/${path}`,
    contentType,
    bytes,
    gzip: gzip.length < bytes.length ? gzip : Buffer.alloc(0),
    etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`,
    // Vite puts a digest into the names of these.
    immutable: path.startsWith('assets/'),
  };
});

checkFirstView();
const parts = [];
let length = 0;
const rows = files.map((file) => {
  const bytes = place(file.bytes);
  const gzip = place(file.gzip);
  const texts = [file.path, file.contentType].map((text) => JSON.stringify(text)).join(', ');
  return `    {${texts}, ${bytes}, ${gzip}, ${JSON.stringify(file.etag)}, ${file.immutable}},`;
});
writeFileSync(`${output}.bin`, Buffer.concat(parts));
writeFileSync(
  `${output}.cpp`,
  `#include "api/static_files.hpp"

asm(R"(
    .pushsection .rodata
    .global latchkey_dashboard_bytes
latchkey_dashboard_bytes:
    .incbin "${output}.bin"
    .popsection
)");

extern "C" char const latchkey_dashboard_bytes[];

namespace latchkey::api {
namespace {

StaticFile const kFiles[] = {
${rows.join('\n')}
};

}  // namespace

std::span<StaticFile const> dashboard_files() { return kFiles; }

}  // namespace latchkey::api
`,
);

/** Of everything below a folder, by name, so that the same sources make the same program. What begins with a dot is
    Vite's own. */
function listFiles(folder, below = '') {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      return entry.isDirectory() ? listFiles(folder, path) : [path];
    });
}

/** Appends to the bytes; the C++ that names them. */
function place(bytes) {
  const at = length;
  parts.push(bytes);
  length += bytes.length;
  return bytes.length === 0 ? '{}' : `{latchkey_dashboard_bytes + ${at}, ${bytes.length}}`;
}

function checkFirstView() {
  const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));
  const byPath = new Map(files.map((file) => [file.path, file.gzip.length || file.bytes.length]));
  const always = ['/index.html', '/theme.js', '/icon.svg'].map((path) => byPath.get(path));
  const bytes =
    firstViewBytes(manifest, (file) => byPath.get(`/${file}`)) + always.reduce((a, b) => a + b, 0);
  if (!(bytes < kFirstViewBytesMax)) {
    throw new Error(`error: the first view has ${bytes} bytes compressed; ${kFirstViewBytesMax} is the limit`);
  }
  console.log(`The first view has ${bytes} bytes compressed.`);
}
