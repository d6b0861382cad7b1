// Decisions about tokens without a server: `latchkey token check --batch`.
import assert from 'node:assert/strict';

import { runProgram } from './server.mjs';

/** Asks the program for its decision on each line; one answer a line, in order. */
export function checkBatch(lines) {
  const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const result = runProgram(['token', 'check', '--batch'], { input });
  assert.equal(result.status, 0, result.stderr);
  const answers = result.stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
  assert.equal(answers.length, lines.length, 'one line out for each line in');
  for (const [index, answer] of answers.entries()) assert.equal(answer.id, lines[index].id);
  return answers;
}
