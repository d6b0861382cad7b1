import { isAtLeast, useMe } from '../../app/session';
import { navigate, toPath, useLocation } from '../../app/router';
import { PageHeader, Tabs } from '../../ui';
import { Accounts } from './accounts';
import { Password } from './password';
import { Server } from './server';

type Tab = 'you' | 'accounts' | 'server';

export default function Settings() {
  const me = useMe();
  const { path, query } = useLocation();
  const tabs: { value: Tab; label: string }[] = [
    { value: 'you', label: 'Your account' },
    ...(isAtLeast(me?.role, 'owner') ? [{ value: 'accounts' as const, label: 'Accounts' }] : []),
    { value: 'server', label: 'Server' },
  ];
  const tab = tabs.find(({ value }) => value === query.get('tab'))?.value ?? 'you';
  return (
    <>
      <PageHeader title="Settings" subtitle="Of this dashboard and its server." />
      <Tabs
        label="Settings"
        tabs={tabs}
        value={tab}
        onChange={(next) => navigate(toPath(path, {}, { tab: next }), { replace: true })}
      >
        {tab === 'you' && <Password />}
        {tab === 'accounts' && <Accounts />}
        {tab === 'server' && <Server />}
      </Tabs>
    </>
  );
}
