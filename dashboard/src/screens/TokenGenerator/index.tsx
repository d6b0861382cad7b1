import { Link, toPath } from '../../app/router';
import { useSession } from '../../app/session';
import { PageHeader } from '../../ui';
import { Generator } from './generator';

/** The generator as a page of its own, for who is not signed in. */
export default function TokenGenerator() {
  const signedIn = useSession().session?.state === 'signed_in';
  return (
    <>
      {!signedIn && (
        <p>
          <Link to={toPath('/sign-in')}>Back to the sign-in</Link>
        </p>
      )}
      <PageHeader
        title="Token generator"
        subtitle="Makes a user’s token here in your browser, as your backend would."
      />
      <Generator />
    </>
  );
}
