/** What is kept, and how a person would say it. */
export const kActions: readonly (readonly [action: string, words: string])[] = [
  ['app.create', 'App created'],
  ['app.update', 'App settings changed'],
  ['app.delete', 'App deleted'],
  ['app.revoke', 'All of an app’s tokens revoked'],
  ['app.unrevoke', 'App’s revocation taken back'],
  ['secret.add', 'Secret added'],
  ['secret.reveal', 'Secret shown'],
  ['secret.retire', 'Secret retired'],
  ['secret.unretire', 'Secret’s retirement taken back'],
  ['secret.forget', 'Retired secret’s bytes forgotten'],
  ['users.create', 'User made'],
  ['users.revoke', 'Users’ tokens revoked'],
  ['users.unrevoke', 'Users’ revocation taken back'],
  ['users.deactivate', 'Users deactivated'],
  ['users.reactivate', 'Users reactivated'],
  ['users.delete', 'Users deleted'],
  ['users.restore', 'Users restored'],
  ['role.create', 'Role made'],
  ['role.delete', 'Role deleted'],
  ['token.mint', 'Token minted'],
  ['account.create', 'Account made'],
  ['account.update', 'Account changed'],
  ['account.delete', 'Account deleted'],
  ['account.password', 'Password changed'],
  ['account.sign_in', 'Signed in'],
  ['account.sign_in_failed', 'Sign-in failed'],
  ['account.sign_out', 'Signed out'],
  ['setup.done', 'Server set up'],
  ['provider.minted', 'Tokens given out by a token provider'],
];

const kWords = new Map(kActions);

/** An action that this page does not know stays as the server calls it. */
export function actionInWords(action: string): string {
  return kWords.get(action) ?? action;
}
