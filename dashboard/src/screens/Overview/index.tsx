import { useState } from 'react';
import { api, appPath } from '../../api/client';
import { reasonOf } from '../../api/refusals';
import { useResource } from '../../api/resource';
import type { Figures, Overview as OverviewAnswer } from '../../api/types';
import { useApp } from '../../app/apps';
import { kSamplesMax, sum, type Sample } from '../../app/figures';
import { useHistory, useOnChange } from '../../app/live';
import { ModeBadge } from '../../app/mode-badge';
import { useAppKey } from '../../app/params';
import {
  AreaChart,
  BarList,
  Button,
  Callout,
  Card,
  count,
  CopyButton,
  EmptyState,
  ErrorNote,
  formatCompact,
  formatNumber,
  formatTime,
  Loading,
  PageHeader,
  peakIndex,
  Sparkline,
} from '../../ui';
import { Changes } from './changes';
import { isDismissed, setDismissed } from './dismissed';
import { FirstSteps } from './first-steps';
import { Untrusted } from '../../untrusted';
import { visibleName } from '../../untrusted/visible';
import './overview.css';

export default function Overview() {
  const key = useAppKey();
  const app = useApp();
  const history = useHistory(key);
  const overview = useResource(`overview ${key}`, (signal) =>
    api.get<OverviewAnswer>(appPath(key, 'overview'), { signal }),
  );
  useOnChange(key, overview.reload);
  // In an app that has real users they would only be in the way.
  const [steps, setSteps] = useState(app?.mode === 'development' && !isDismissed(key));
  const showSteps = (shown: boolean) => {
    setDismissed(key, !shown);
    setSteps(shown);
  };
  const figures = history?.figures ?? overview.data?.figures;
  if (!app) return null;
  return (
    <>
      <PageHeader
        title={visibleName(app.name)}
        badge={<ModeBadge mode={app.mode} />}
        subtitle={
          <span className="row">
            API key <code className="wrap">{app.api_key}</code> <CopyButton text={app.api_key} />
          </span>
        }
        actions={
          !steps && (
            <Button small onClick={() => showSteps(true)}>
              First steps
            </Button>
          )
        }
      />
      <div className="stack">
        {app.settings.suspended && (
          <Callout tone="danger" title="This app is suspended">
            <p>Every call is refused. <Untrusted text={app.settings.suspended_explanation} max={1000} none="" /></p>
          </Callout>
        )}
        <ErrorNote error={overview.error} retry={overview.reload} />
        {steps && <FirstSteps app={app} onHide={() => showSteps(false)} />}
        {figures ? (
          <FigureCards figures={figures} samples={history?.samples ?? []} />
        ) : (
          overview.error === undefined && <Loading />
        )}
        <Card
          title="Decisions"
          description="Whom the server let in and refused, over the last five minutes."
        >
          <DecisionsChart samples={history?.samples ?? []} />
        </Card>
        <div className="columns">
          <Refusals figures={figures} />
          <Changes entries={overview.data?.changes} />
        </div>
      </div>
    </>
  );
}

function FigureCards({ figures, samples }: { figures: Figures; samples: readonly Sample[] }) {
  const minute = samples.slice(-60);
  const last = samples[samples.length - 1];
  const accepted = sum(figures.accepted);
  const refused = sum(figures.refused);
  return (
    <div className="figures">
      <Figure
        name="Connections now"
        value={formatNumber(figures.connections)}
        note={`${count(figures.users_online, 'user')} online`}
        spark={<Sparkline values={minute.map((s) => s.connections)} look="user" />}
      />
      <Figure
        name="Let in per second"
        value={last ? formatCompact(sum(last.accepted)) : '–'}
        note={`${formatNumber(accepted)} since the start`}
        spark={<Sparkline values={minute.map((s) => sum(s.accepted))} look="server" />}
      />
      <Figure
        name="Refused per second"
        value={last ? formatCompact(last.refused) : '–'}
        note={`${formatNumber(refused)} since the start`}
        spark={<Sparkline values={minute.map((s) => s.refused)} look="refused" />}
      />
      <Figure
        name="Tokens without iat"
        value={formatNumber(figures.without_iat)}
        note={
          figures.without_iat === 0
            ? 'Every token can be revoked precisely'
            : 'Any revocation ends these, new or old'
        }
        warn={figures.without_iat > 0}
      />
    </div>
  );
}

function Figure({
  name,
  value,
  note,
  spark,
  warn,
}: {
  name: string;
  value: string;
  note: string;
  spark?: React.ReactNode;
  warn?: boolean;
}) {
  return (
    <div className={warn ? 'card figure figure-warn' : 'card figure'}>
      <p className="figure-name">{name}</p>
      <p className="figure-value number">{value}</p>
      <p className="figure-note">{note}</p>
      {spark && <div className="figure-spark">{spark}</div>}
    </div>
  );
}

const kKinds = [
  ['user', 'Users'],
  ['server', 'Servers'],
  ['guest', 'Guests'],
  ['anonymous', 'Anonymous'],
] as const;

function DecisionsChart({ samples: all }: { samples: readonly Sample[] }) {
  const last = all[all.length - 1];
  if (!last) {
    return <EmptyState title="Waiting for the first second of live figures" />;
  }
  // Fewer than one a second where the connection was lost for a while.
  const samples = all.filter((sample) => sample.at >= last.at - kSamplesMax * 1000);
  return (
    <AreaChart
      label="Decisions per second by outcome"
      summary={summaryOf(samples, last)}
      times={samples.map((sample) => sample.at)}
      series={[
        ...kKinds.map(([kind, name]) => ({
          name,
          look: kind,
          values: samples.map((sample) => sample.accepted[kind]),
        })),
        { name: 'Refused', look: 'refused', values: samples.map((sample) => sample.refused) },
      ]}
      windowS={kSamplesMax}
      unit="per second"
      unknown="before this page was opened"
    />
  );
}

/** What the chart shows, in words. */
function summaryOf(samples: readonly Sample[], last: Sample): string {
  const peak = samples[peakIndex(samples.map((sample) => sum(sample.accepted) + sample.refused))];
  const amounts = ({ accepted, refused }: Sample) =>
    `${formatCompact(sum(accepted))} let in and ${formatCompact(refused)} refused`;
  const since = formatTime(samples[0]?.at ?? last.at);
  return [
    `Now ${amounts(last)} per second.`,
    peak ? `The peak was at ${formatTime(peak.at)}: ${amounts(peak)}.` : 'There was no decision.',
    `It begins at ${since}, ${samples.length < kSamplesMax ? 'when this page was opened' : 'five minutes ago'}.`,
  ].join(' ');
}

function Refusals({ figures }: { figures: Figures | undefined }) {
  const rules = Object.entries(figures?.refused ?? {})
    .filter(([, value]) => value > 0)
    .sort(([, a], [, b]) => b - a);
  return (
    <Card title="Refusals by reason" description="Since the server started.">
      {rules.length === 0 ? (
        <EmptyState title="Nothing was refused">
          When a token is turned away, the reason stands here, with what mends it.
        </EmptyState>
      ) : (
        <BarList
          label="Refusals by reason"
          items={rules.map(([rule, value]) => ({ key: rule, value, ...reasonOf(rule) }))}
        />
      )}
    </Card>
  );
}
