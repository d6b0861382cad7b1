/** What `POST /admin/v1/tokens/explain` answers (docs/reference/admin-api.md). */
export interface Explanation {
  verdict: 'accept' | 'reject';
  /** Of an accepted token. */
  kind?: 'user' | 'server' | 'guest' | 'anonymous';
  user_id?: string;
  /** Of a refused one. */
  code?: number;
  rule?: string;
  message?: string;
  now: string;
  clock_skew_max_s: number;
  steps: Step[];
  claims?: Record<string, unknown>;
  claims_verified?: boolean;
  sdk?: string;
  mend?: string;
  revocations?: { of: 'app' | 'user'; before: string; set_at?: string | null; set_by?: string | null }[];
}

export interface Step {
  step: string;
  outcome: 'passed' | 'failed' | 'skipped' | 'not reached';
  facts?: string;
  at?: string | null;
}

const kQuestions: Readonly<Record<string, string>> = {
  key: 'Is there an app with this API key?',
  app: 'Is the app not suspended?',
  auth_type: 'Is the way of authentication known?',
  form: 'Is it three parts of base64url?',
  header: 'Does the header ask for HS256, and nothing odd?',
  signature: 'Did a live secret of the app sign it?',
  claims: 'Do the claims say whose token it is?',
  exp: 'Has it not expired?',
  nbf: 'Is it valid already?',
  iat: 'Was it issued before now?',
  revocation: 'Is it not revoked?',
  account: 'Is the user in good standing?',
};

/** A step as a question; one that this page does not know stays as the server calls it. */
export function questionOf(step: string): string {
  return kQuestions[step] ?? step;
}
