import type { User } from '../../api/types';
import { Badge, count } from '../../ui';

/** How a user stands, in marks: what makes good tokens bad first. */
export function Standing({ user }: { user: User }) {
  const isOrdinary = !user.deleted_at && !user.deactivated_at && !user.revoke_tokens_issued_before;
  return (
    <span className="row standing">
      {user.deleted_at && <Badge tone="danger">deleted</Badge>}
      {user.deactivated_at && <Badge tone="danger">deactivated</Badge>}
      {user.revoke_tokens_issued_before && <Badge tone="warning">revoked</Badge>}
      {user.online && <Badge tone="ok">online: {count(user.connections, 'connection')}</Badge>}
      {isOrdinary && !user.online && <span className="soft">in good standing</span>}
    </span>
  );
}
