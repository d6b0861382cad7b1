import { api } from '../../api/client';
import { useResource } from '../../api/resource';
import type { ServerState } from '../../api/types';
import { useApps } from '../../app/apps';
import { useInterval } from '../../app/interval';
import {
  Badge,
  Card,
  EmptyState,
  ErrorNote,
  Facts,
  formatDate,
  formatDuration,
  formatNumber,
  Loading,
  TableFrame,
} from '../../ui';
import { Untrusted } from '../../untrusted';

const kEveryMs = 5000;

export function Server() {
  const apps = useApps().data;
  const { data: server, error, reload } = useResource('server', (signal) =>
    api.get<ServerState>('server', { signal }),
  );
  useInterval(reload, kEveryMs);
  if (!server) return error === undefined ? <Loading /> : <ErrorNote error={error} retry={reload} />;
  return (
    <div className="stack">
      <ErrorNote error={error} retry={reload} />
      <div className="columns">
        <Card title="Running">
          <Facts
            items={[
              [
                'State',
                server.ready ? <Badge tone="ok">ready</Badge> : <Badge tone="danger">not ready</Badge>,
              ],
              ['Version', server.version],
              ['Up for', formatDuration(server.uptime_s)],
              ['Started', formatDate(server.started_at)],
              ["The server's clock", formatDate(server.now)],
              ['Apps', formatNumber(server.apps)],
              ['Connections', formatNumber(server.connections)],
              ['Changes applied', formatNumber(server.changes_applied)],
              ['Event loops', server.loops],
            ]}
          />
        </Card>
        <Card title="Where">
          <Facts
            items={[
              ['Public address', <code className="wrap">{server.public_url}</code>],
              ['Public listener', <code className="wrap">{server.listen}</code>],
              ['Admin listener', <code className="wrap">{server.admin_listen}</code>],
              ['Store', server.store.kind],
              ['Data', <code className="wrap">{server.store.data}</code>],
            ]}
          />
        </Card>
      </div>
      <Card
        title="Token providers"
        description="They turn a proof of who somebody is into a token. The settings file names them."
        flush
      >
        {server.token_providers.length === 0 ? (
          <EmptyState title="None is configured" />
        ) : (
          <TableFrame label="Token providers">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Type</th>
                <th scope="col">App</th>
                <th scope="col" className="cell-number">
                  Tokens minted
                </th>
                <th scope="col" className="cell-number">
                  Refused
                </th>
              </tr>
            </thead>
            <tbody>
              {server.token_providers.map((provider) => (
                <tr key={provider.name}>
                  <th scope="row">{provider.name}</th>
                  <td>{provider.type}</td>
                  <td className="wrap">
                    <Untrusted text={apps?.find((app) => app.api_key === provider.app)?.name ?? provider.app} />
                  </td>
                  <td className="cell-number">{formatNumber(provider.minted)}</td>
                  <td className="cell-number">{formatNumber(provider.refused)}</td>
                </tr>
              ))}
            </tbody>
          </TableFrame>
        )}
      </Card>
      <Card title="Built with">
        <Facts items={Object.entries(server.libraries).map(([name, version]) => [name, version] as const)} />
      </Card>
    </div>
  );
}
