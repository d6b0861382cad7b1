import { useAppKey } from '../../app/params';
import { navigate, toPath, useLocation } from '../../app/router';
import { PageHeader, Tabs } from '../../ui';
import { Generator } from '../TokenGenerator/generator';
import { Explain } from './explain';

export const kTokenToolsPattern = '/apps/:key/tokens';

/** Two views of one page; which one is in the address, so that a link can lead to either. */
export default function TokenTools() {
  const key = useAppKey();
  const { query } = useLocation();
  const tab = query.get('tool') === 'explain' ? 'explain' : 'generate';
  return (
    <>
      <PageHeader title="Token tools" subtitle="Make a token, or ask why one is let in or refused." />
      <Tabs
        label="Token tools"
        tabs={[
          { value: 'generate', label: 'Generate a token' },
          { value: 'explain', label: 'Explain a token' },
        ]}
        value={tab}
        onChange={(tool) =>
          navigate(toPath(kTokenToolsPattern, { key }, { tool }), {
            replace: true,
          })
        }
      >
        {tab === 'explain' ? <Explain /> : <Generator />}
      </Tabs>
    </>
  );
}
