import { expect, it } from 'vitest';
import { connectCommand } from './connect-command';

it('connects to the public address with everything percent-encoded', () => {
  const command = connectCommand('http://127.0.0.1:8080/', 'key1', 'john', 'a.b.c');
  const url = /^URL='([^']*)' node -e '/.exec(command)?.[1] ?? '';
  const { origin, pathname, searchParams } = new URL(url);
  expect(origin + pathname).toBe('http://127.0.0.1:8080/connect');
  expect(searchParams.get('authorization')).toBe('a.b.c');
  expect(JSON.parse(searchParams.get('json') ?? '')).toMatchObject({ user_id: 'john' });
});

it('stays one word of the shell, whatever the public address is', () => {
  const command = connectCommand("http://h/'; touch x; '", 'key1', 'john', 't');
  expect(command.startsWith(`URL='http://h/'\\''; touch x; '\\''/connect?`)).toBe(true);
});
