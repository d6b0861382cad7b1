import { lazy, Suspense, useState } from 'react';
import { decodeToken } from '../../tokens/decode';
import { Button, Card, CopyButton, Loading } from '../../ui';
import { DecodedView, TokenText } from './decoded';

/** Loaded when it is asked for: few want it, and it is larger than the rest of the page. */
const QrCode = lazy(() => import('./qr-code'));

export function MadeToken({ token }: { token: string }) {
  const [withCode, setWithCode] = useState(false);
  const decoded = decodeToken(token);
  return (
    <>
      <Card title="Your token" actions={<CopyButton text={token} label="Copy the token" />}>
        <div className="stack">
          <TokenText parts={decoded.parts} />
          <div className="row">
            <Button small aria-expanded={withCode} onClick={() => setWithCode(!withCode)}>
              {withCode ? 'Hide the QR code' : 'Show as QR code'}
            </Button>
          </div>
          {withCode && (
            <Suspense fallback={<Loading />}>
              <QrCode text={token} />
            </Suspense>
          )}
        </div>
      </Card>
      <Card title="What it says">
        <DecodedView decoded={decoded} />
      </Card>
    </>
  );
}
