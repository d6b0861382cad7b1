/** What each action of the audit log is in words. */
const kActions: Record<string, string> = {
  'app.create': 'App created',
  'app.update': 'Settings changed',
  'app.delete': 'App deleted',
  'app.revoke': 'All tokens revoked',
  'app.unrevoke': 'Revocation of all tokens undone',
  'secret.add': 'Secret added',
  'secret.reveal': 'Secret shown',
  'secret.retire': 'Secret retired',
  'secret.unretire': 'Retirement of a secret taken back',
  'users.revoke': 'Users revoked',
  'users.unrevoke': 'Revocation of users undone',
  'users.deactivate': 'Users deactivated',
  'users.reactivate': 'Users reactivated',
  'users.delete': 'Users deleted',
  'users.restore': 'Users restored',
  'role.create': 'Role created',
  'role.delete': 'Role deleted',
  'token.mint': 'Token minted',
  'account.create': 'Account created',
  'account.update': 'Account changed',
  'account.delete': 'Account deleted',
  'account.password': 'Password changed',
  'account.sign_in': 'Signed in',
  'account.sign_in_failed': 'Sign-in failed',
  'account.sign_out': 'Signed out',
  'setup.done': 'Server set up',
};

export function describeAction(action: string): string {
  return kActions[action] ?? action;
}

/** The actions, for a filter. */
export const auditActions: readonly string[] = Object.keys(kActions);

/** Who did it, in words. */
export function describeActor(actor: { kind: string; name: string }): string {
  switch (actor.kind) {
    case 'account':
      return actor.name;
    case 'local':
      return 'the command line';
    case 'server':
      return actor.name === '' ? 'a backend' : `a backend (${actor.name})`;
    case 'provider':
      return actor.name === '' ? 'a token provider' : `token provider ${actor.name}`;
    default:
      return 'the server itself';
  }
}
