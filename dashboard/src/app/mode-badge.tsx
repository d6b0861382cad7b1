import type { Mode } from '../api/types';
import { Badge } from '../ui';

export function ModeBadge({ mode }: { mode: Mode }) {
  return <Badge tone={mode === 'production' ? 'ok' : 'warning'}>{mode}</Badge>;
}
