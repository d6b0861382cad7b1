import { patchApp } from '../../api/apps';
import { useAction } from '../../api/resource';
import type { App } from '../../api/types';
import { useApps } from '../../app/apps';
import { useReasonAgainst } from '../../app/session';
import { Card, ErrorNote, Switch, useToast } from '../../ui';

export function WithoutTokensCard({ app }: { app: App }) {
  const { reload } = useApps();
  const toast = useToast();
  const roleReason = useReasonAgainst('operator');
  const { run, pending, error } = useAction(
    async (change: Record<string, boolean>, back: Record<string, boolean>, title: string) => {
      await patchApp(app.api_key, change);
      reload();
      toast({
        title,
        undo: async () => {
          await patchApp(app.api_key, back);
          reload();
        },
      });
    },
  );
  const { guest_user_creation_disabled, multi_tenant_enabled, disable_permissions_checks } =
    app.settings;
  return (
    <Card title="Callers without a token of yours">
      <div className="stack">
        <Switch
          label="Guests"
          hint="A visitor without an account may ask for a guest user, and gets a token for it from the server."
          checked={!guest_user_creation_disabled && !multi_tenant_enabled}
          pending={pending}
          reason={
            roleReason ??
            (multi_tenant_enabled
              ? 'Off with multi-tenancy: a guest would belong to no team.'
              : undefined)
          }
          onChange={(on) =>
            void run(
              { guest_user_creation_disabled: !on },
              { guest_user_creation_disabled: on },
              on ? 'Guests are let in' : 'No new guests are made',
            )
          }
        />
        <hr />
        <Switch
          label="Permission checks"
          hint="What clients, guests and anonymous callers may do goes by their role. Without these checks every client may find users and write the fields of others."
          checked={!disable_permissions_checks}
          pending={pending}
          reason={roleReason}
          onChange={(on) =>
            void run(
              { disable_permissions_checks: !on },
              { disable_permissions_checks: on },
              on ? 'Permission checks are on' : 'Permission checks are off',
            )
          }
        />
        <hr />
        <p className="soft small">
          Anonymous callers carry no token and are nobody: nothing is stored for them. They may do what
          the app grants to the role <code>anonymous</code>, which is nothing unless you say so.
        </p>
        <ErrorNote error={error} />
      </div>
    </Card>
  );
}
