import { patchApp } from '../../api/apps';
import { useAction } from '../../api/resource';
import type { App } from '../../api/types';
import { useApps } from '../../app/apps';
import { useReasonAgainst } from '../../app/session';
import { Card, ErrorNote, Switch, useToast } from '../../ui';
import { anonymousGrant, anonymousGrantOf, lettingAnonymousFind } from './grants';

export function WithoutTokensCard({ app }: { app: App }) {
  const { reload } = useApps();
  const toast = useToast();
  const roleReason = useReasonAgainst('operator');
  const { run, pending, error } = useAction(
    async (change: Record<string, unknown>, back: Record<string, unknown>, title: string) => {
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
  const { disable_permissions_checks, grants, guest_user_creation_disabled, multi_tenant_enabled } =
    app.settings;
  const reasonAgainstAnonymous = disable_permissions_checks
    ? 'Permission checks are off: everybody may.'
    : app.settings.user_search_disallowed_roles.includes('anonymous')
      ? 'The setting user_search_disallowed_roles keeps this role from searching.'
      : undefined;
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
          label="Anonymous callers may find users"
          hint="They carry no token and are nobody, so nothing is stored for them. They may connect and read the app; finding users is all that they can be given beside that."
          checked={lettingAnonymousFind(app.settings)}
          pending={pending}
          reason={roleReason ?? reasonAgainstAnonymous}
          onChange={(on) =>
            void run(
              { grants: anonymousGrant(grants, on) },
              { grants: anonymousGrantOf(grants) },
              on ? 'Anonymous callers may find users' : 'Anonymous callers find nobody',
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
        <ErrorNote error={error} />
      </div>
    </Card>
  );
}
