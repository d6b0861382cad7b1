import { describe, expect, it } from 'vitest';
import { ApiError, errorFromBody, messageOf } from './error';

describe('a failed answer', () => {
  it('keeps what the server said', () => {
    const error = errorFromBody(
      400,
      { code: 4, message: 'name wants 1 to 255 bytes', exception_fields: { name: 'not a name' } },
      null,
    );
    expect(error).toMatchObject({ status: 400, code: 4, fields: { name: 'not a name' } });
    expect(messageOf(error)).toBe('name wants 1 to 255 bytes');
  });

  it('is told without the frame that SDKs are used to', () => {
    const told = (message: string) => errorFromBody(400, { code: 5, message }, null).message;
    expect(told('SignIn failed with error: "the name or the password is wrong"')).toBe(
      'The name or the password is wrong.',
    );
    expect(told('RevokeUsers failed with error: "user_ids wants "john" once"')).toBe('user_ids wants "john" once.');
    expect(told('It failed with error: "none"?')).toBe('It failed with error: "none"?');
  });

  it('is told by its status where its body says nothing', () => {
    expect(errorFromBody(502, '<html>', null).message).toBe('The server answered with status 502.');
    expect(errorFromBody(500, null, null).code).toBe(0);
  });

  it('knows when to try again only where it was told a number', () => {
    expect(errorFromBody(429, {}, '30').retryAfter).toBe(30);
    expect(errorFromBody(429, {}, 'soon').retryAfter).toBeNull();
    expect(errorFromBody(429, {}, null).retryAfter).toBeNull();
  });

  it('says that nobody is signed in by its status alone', () => {
    expect(new ApiError('x', { status: 401 }).isSignedOut).toBe(true);
    expect(new ApiError('x', { status: 403 }).isSignedOut).toBe(false);
  });
});
