import { api, appPath } from '../../api/client';
import { useAction } from '../../api/resource';
import type { Revoked, User } from '../../api/types';
import { useApp, useApps } from '../../app/apps';
import { useMoment } from '../../app/moment';
import { PreviewState, usePreview } from '../../app/preview';
import { Callout, ConfirmDialog, count, useToast } from '../../ui';
import { Untrusted } from '../../untrusted';

/** The most users that one call takes (docs/reference/limits.md). */
export const kUsersMax = 100;

/** Who is acted upon; what of a user is known helps to undo. */
export type Target = Pick<User, 'id'> & Partial<Pick<User, 'revoke_tokens_issued_before'>>;

export type Act = 'revoke' | 'unrevoke' | 'deactivate' | 'reactivate';

interface Words {
  title: (who: string) => string;
  submit: string;
  done: (who: string) => string;
  explanation: string;
  /** Of those whom it would not change. */
  already: string;
  undoneBy: Act;
}

const kWords: Record<Act, Words> = {
  revoke: {
    title: (who) => `Revoke the tokens of ${who}`,
    submit: 'Revoke',
    done: (who) => `Revoked: the tokens of ${who}`,
    explanation:
      'Tokens issued before the chosen instant are void from now on, on every connection and request. An app that gets a fresh token from its backend goes on by itself.',
    already: 'already revoked up to that instant or later',
    undoneBy: 'unrevoke',
  },
  unrevoke: {
    title: (who) => `Take the revocation of ${who} back`,
    submit: 'Take back',
    done: (who) => `Taken back: the revocation of ${who}`,
    explanation: 'Tokens that were void by it, and have not expired, are good again at once.',
    already: 'not revoked',
    undoneBy: 'revoke',
  },
  deactivate: {
    title: (who) => `Deactivate ${who}`,
    submit: 'Deactivate',
    done: (who) => `Deactivated: ${who}`,
    explanation:
      'A deactivated user cannot connect or call, whatever the token, until reactivated. Nothing of the user is lost.',
    already: 'deactivated already',
    undoneBy: 'reactivate',
  },
  reactivate: {
    title: (who) => `Reactivate ${who}`,
    submit: 'Reactivate',
    done: (who) => `Reactivated: ${who}`,
    explanation: 'The user can connect and call again, with any token that is still good.',
    already: 'not deactivated',
    undoneBy: 'deactivate',
  },
};

function callAct(
  key: string,
  act: Act,
  ids: readonly string[],
  more: object,
  signal?: AbortSignal,
): Promise<Revoked> {
  return api.post<Revoked>(appPath(key, 'users', act), { user_ids: ids, ...more }, signal);
}

/**
 * Takes an act back for those whom it changed. A revocation that a later one replaced counts again, and at no time none:
 * tokens are good between the two that were void before either.
 */
async function undoAct(
  key: string,
  act: Act,
  changed: readonly string[],
  targets: readonly Target[],
): Promise<void> {
  if (!isRevoking(act)) {
    await callAct(key, kWords[act].undoneBy, changed, {});
    return;
  }
  const groups = new Map<string | null, string[]>();
  for (const { id, revoke_tokens_issued_before: before = null } of targetsOf(changed, targets)) {
    groups.set(before, [...(groups.get(before) ?? []), id]);
  }
  for (const [before, ids] of groups) await callAct(key, kWords[act].undoneBy, ids, before ? { before } : {});
}

function isRevoking(act: Act): boolean {
  return act === 'revoke' || act === 'unrevoke';
}

/** Which revocation is in force before the act, where the list it came from does not say. */
async function learn(key: string, target: Target): Promise<Target> {
  if (target.revoke_tokens_issued_before !== undefined) return target;
  return (await api.get<{ user: User }>(appPath(key, 'users', target.id))).user;
}

/** What a message about users is about. */
export function aboutUsers(key: string, ids: readonly string[]): string {
  return `users ${key} ${ids.join(' ')}`;
}

function whoOf(targets: readonly Target[]): string {
  const [only] = targets;
  return targets.length === 1 && only ? only.id : count(targets.length, 'user');
}

/**
 * Asks before an act upon users of the App in the address, with what it will end as the server counts it, does it, and
 * offers the way back in the message that confirms it.
 */
export function ActDialog({
  act,
  targets,
  onClose,
  onDone,
}: {
  act: Act;
  targets: readonly Target[];
  onClose: () => void;
  onDone: () => void;
}) {
  const app = useApp();
  const { reload } = useApps();
  const toast = useToast();
  const when = useMoment({
    label: 'Void tokens issued before',
    now: 'All issued until now',
    at: 'Issued before…',
    dateLabel: 'Issued before',
    hint: 'Tokens issued at that instant or later stay good.',
    side: 'past',
    first: 0,
  });
  const key = app?.api_key ?? '';
  const ids = targets.map(({ id }) => id);
  const about = aboutUsers(key, ids);
  const words = kWords[act];
  const more = when.date === undefined ? {} : { before: when.date };
  const preview = usePreview(when.flaw === undefined ? JSON.stringify([act, ids, more]) : null, (signal) =>
    callAct(key, act, ids, { ...more, dry_run: true }, signal),
  );

  const { run, pending, error } = useAction(async () => {
    const known = isRevoking(act) ? await Promise.all(targets.map((target) => learn(key, target))) : targets;
    const done = await callAct(key, act, ids, more);
    onClose();
    onDone();
    const { changed } = done;
    toast({
      about,
      title: changed.length === 0 ? 'Nothing was to be changed' : words.done(whoOf(targetsOf(changed, targets))),
      detail: isEnding(act) && changed.length > 0 ? `Ended: ${count(done.ends.connections, 'open connection')}.` : '',
      ...(changed.length === 0
        ? {}
        : {
            undo: async () => {
              await undoAct(key, act, changed, known);
              onDone();
              reload();
              toast({ about, title: `Undone for ${whoOf(targetsOf(changed, targets))}` });
            },
          }),
    });
  });

  return (
    <ConfirmDialog
      title={words.title(whoOf(targets))}
      submit={words.submit}
      pending={pending || preview.counting}
      error={error}
      onConfirm={() => {
        if (when.flaw === undefined) void run();
      }}
      onClose={onClose}
    >
      <p>{words.explanation}</p>
      {act === 'revoke' && when.field}
      {targets.length > 1 && <TargetList targets={targets} />}
      <PreviewState preview={preview} />
      {preview.data && (
        <Preview act={act} preview={preview.data} />
      )}
    </ConfirmDialog>
  );
}

function targetsOf(ids: readonly string[], targets: readonly Target[]): Target[] {
  return targets.filter(({ id }) => ids.includes(id));
}

function isEnding(act: Act): boolean {
  return act === 'revoke' || act === 'deactivate';
}

function Preview({ act, preview }: { act: Act; preview: Revoked }) {
  const { changed, already = [], ends } = preview;
  const others = already.length > 0 && (
    <p>
      {count(already.length, 'of them is', 'of them are')} {kWords[act].already}.
    </p>
  );
  if (changed.length === 0) {
    return (
      <Callout title="This changes nothing">
        {already.length === 1 ? <p>The user is {kWords[act].already}.</p> : others}
      </Callout>
    );
  }
  if (!isEnding(act)) {
    return (
      <Callout title={`This concerns ${count(changed.length, 'user')}`}>
        <p>Nothing is ended by it.</p>
        {others}
      </Callout>
    );
  }
  return (
    <Callout tone="warning" title={`This ends ${count(ends.connections, 'open connection')}`}>
      <p>
        {count(changed.length, 'user')}, {count(ends.tokens, 'token')} in use,{' '}
        {count(ends.connections, 'open connection')}. Tokens that nobody uses just now are not counted, and end too.
      </p>
      {others}
    </Callout>
  );
}

const kListedMax = 10;

function TargetList({ targets }: { targets: readonly Target[] }) {
  return (
    <p className="small">
      {targets.slice(0, kListedMax).map((target, at) => (
        <span key={target.id}>
          {at > 0 && ', '}
          <Untrusted text={target.id} max={40} />
        </span>
      ))}
      {targets.length > kListedMax && ` and ${targets.length - kListedMax} more`}
    </p>
  );
}
