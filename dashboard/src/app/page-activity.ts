import { Activity } from './activity';

/** Of this page. */
export const pageActivity = new Activity(() => performance.now());

for (const event of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart']) {
  addEventListener(event, () => pageActivity.note(), { capture: true, passive: true });
}
