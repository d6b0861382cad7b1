// What a suite prints: nothing for what passed, a bug report for what failed, and as its last line
// "N passed, N failed".
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const kErrorLinesMax = 40;

/** The error that the test threw; Node wraps it. */
function causeOf(error) {
  return error?.cause instanceof Error ? error.cause : error;
}

function describe(error) {
  const cause = causeOf(error);
  const text = String(cause?.stack ?? cause?.message ?? cause);
  return text
    .split('\n')
    .filter((line) => !/^ +at .*node:(internal|async_hooks)/.test(line))
    .slice(0, kErrorLinesMax)
    .map((line) => `    ${line}`)
    .join('\n');
}

export default async function* report(events) {
  // Node 18 gives a URL where later ones give a path.
  const shown = (file = '') =>
    relative(process.cwd(), file.startsWith('file:') ? fileURLToPath(file) : file);
  const output = new Map(); // file -> what it printed, kept back until one of its tests fails
  const path = []; // names of the suites that are open, by nesting
  let passed = 0;
  let failed = 0;

  for await (const { type, data } of events) {
    switch (type) {
      case 'test:start':
        path.length = data.nesting;
        path[data.nesting] = data.name;
        break;
      case 'test:stdout':
      case 'test:stderr':
        for (const line of data.message.split('\n').filter((text) => text !== '')) {
          if (line.startsWith('note: ')) {
            yield `${line}\n`; // a suite says what it leaves out
          } else {
            output.set(data.file, `${output.get(data.file) ?? ''}    | ${line}\n`);
          }
        }
        break;
      case 'test:pass':
        if (isTest(data)) passed += 1;
        break;
      case 'test:fail': {
        // A suite fails with its tests; it counts by itself only when its own hooks did.
        const how = data.details.error?.failureType;
        if (how === 'subtestsFailed') break;
        failed += 1;
        if (how === 'cancelledByParent') break; // the hook that failed for all of them tells why
        const names = [...path.slice(0, data.nesting), data.name].filter((name) => !isFile(name));
        yield `FAILED ${shown(data.file)}: ${names.join(' ')}\n${describe(data.details.error)}\n`;
        if (output.has(data.file)) {
          yield `${output.get(data.file)}\n`;
          output.delete(data.file);
        }
        break;
      }
    }
  }
  yield `${passed} passed, ${failed} failed\n`;
}

/** Suites are no tests, and some versions of Node report each file as one. */
function isTest(data) {
  return data.details.type !== 'suite' && !isFile(data.name);
}

function isFile(name) {
  return name.endsWith('.test.mjs');
}
