import { useState } from 'react';
import { api, appPath } from '../../api/client';
import { useAction } from '../../api/resource';
import type { App, Secret } from '../../api/types';
import { useConfirmation } from '../../app/confirmation';
import { Button, Copyable, Dialog, FormDialog } from '../../ui';
import { Untrusted } from '../../untrusted';
import { visibleName } from '../../untrusted/visible';

/** Shows a secret to whoever proves once more who they are. It is in the audit log. */
export function RevealSecret({
  app,
  secret,
  onClose,
}: {
  app: App;
  secret: Secret;
  onClose: () => void;
}) {
  const you = useConfirmation();
  const [text, setText] = useState<string | null>(null);
  const { run, pending, error } = useAction(async () => {
    const path = appPath(app.api_key, 'secrets', String(secret.id), 'reveal');
    const answer = await api.post<{ api_secret: string }>(path, { password: you.password });
    you.clear();
    setText(answer.api_secret);
  });
  if (text !== null) {
    return (
      <Dialog
        title={`Secret ${secret.id} of ${visibleName(app.name)}`}
        wide
        onClose={onClose}
        footer={
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <Copyable text={text} label="API secret" />
      </Dialog>
    );
  }
  return (
    <FormDialog
      title={`Show secret ${secret.id}`}
      submit="Show it"
      pending={pending}
      error={error}
      reason={you.reason}
      onSubmit={() => void run()}
      onClose={onClose}
    >
      <p>
        Whoever holds it can mint a token for any user of <strong><Untrusted text={app.name} /></strong>. The audit log
        notes that you looked.
      </p>
      {you.field}
    </FormDialog>
  );
}
