import { useApp } from '../../app/apps';
import { PageHeader } from '../../ui';
import { AuthChecksCard } from './auth-checks';
import { ModeCard } from './mode';
import { RevokeAllCard } from './revoke-all';
import { SecretsCard } from './secrets';
import { WithoutTokensCard } from './without-tokens';
import { visibleName } from '../../untrusted/visible';
import '../acts-below.css';
import './authentication.css';

export default function Authentication() {
  const app = useApp();
  if (!app) return null;
  return (
    <>
      <PageHeader
        title="Authentication"
        subtitle={`Who gets into ${visibleName(app.name)}, and with what. Every change counts from the moment it is made.`}
      />
      <div className="stack">
        <ModeCard app={app} />
        <AuthChecksCard app={app} />
        <SecretsCard app={app} />
        <RevokeAllCard app={app} />
        <WithoutTokensCard app={app} />
      </div>
    </>
  );
}
