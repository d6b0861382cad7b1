/** The one kind of failure that a call to the admin API ends in. Its message can be shown as it is. */
export class ApiError extends Error {
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** The API's number for it (docs/reference/errors.md); 0 where no answer came. */
  readonly code: number;
  /** What is wrong with which member of the request. */
  readonly fields: Readonly<Record<string, string>>;
  /** Seconds to wait before it is worth trying again; null where nothing was said. */
  readonly retryAfter: number | null;

  constructor(
    message: string,
    from: {
      status?: number;
      code?: number;
      fields?: Record<string, string>;
      retryAfter?: number | null;
    } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = from.status ?? 0;
    this.code = from.code ?? 0;
    this.fields = from.fields ?? {};
    this.retryAfter = from.retryAfter ?? null;
  }

  get isSignedOut(): boolean {
    return this.status === 401;
  }
}

/** Any thrown thing in words for the operator. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof ApiError) return thrown.message;
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Without the frame that SDKs are used to, `SignIn failed with error: "…"`, and as a sentence. */
function inWords(message: string): string {
  const inner = /^\w+ failed with error: "(.+)"$/s.exec(message)?.[1];
  if (inner === undefined) return message;
  // A name out of the API, as `user_ids`, keeps its spelling.
  const begun = /^[a-z]+[ ,]/.test(inner) ? inner.charAt(0).toUpperCase() + inner.slice(1) : inner;
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

/** What the body of a failed answer says, whatever it is. */
export function errorFromBody(status: number, body: unknown, retryAfter: string | null): ApiError {
  const said = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const fields: Record<string, string> = {};
  const given = said['exception_fields'];
  if (typeof given === 'object' && given !== null) {
    for (const [name, text] of Object.entries(given)) fields[name] = String(text);
  }
  const seconds = retryAfter === null ? NaN : Number(retryAfter);
  return new ApiError(
    typeof said['message'] === 'string' && said['message'] !== ''
      ? inWords(said['message'])
      : `The server answered with status ${status}.`,
    {
      status,
      code: typeof said['code'] === 'number' ? said['code'] : 0,
      fields,
      retryAfter: Number.isFinite(seconds) ? seconds : null,
    },
  );
}
