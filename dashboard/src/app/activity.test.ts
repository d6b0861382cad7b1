import { expect, it } from 'vitest';
import { Activity, kIdleAfterMs } from './activity';

it('is idle after a while without a sign, and not a moment earlier', () => {
  let now = 1000;
  const activity = new Activity(() => now);
  now += kIdleAfterMs;
  expect(activity.isIdle()).toBe(false);
  now += 1;
  expect(activity.isIdle()).toBe(true);
  activity.note();
  expect(activity.isIdle()).toBe(false);
});

it('tells of a return, and not of every sign', () => {
  let now = 0;
  let returns = 0;
  const activity = new Activity(() => now);
  const stop = activity.onReturn(() => returns++);
  activity.note();
  expect(returns).toBe(0);
  now += kIdleAfterMs + 1;
  activity.note();
  activity.note();
  expect(returns).toBe(1);
  stop();
  now += kIdleAfterMs + 1;
  activity.note();
  expect(returns).toBe(1);
});
