import { useState } from 'react';
import type { Claims, Expiry } from '../../tokens/claims';
import { writeSnippets, type Snippet } from '../../tokens/snippets';
import { Card, Checkbox, CopyButton, Tabs } from '../../ui';

type Language = Snippet['language'];

/** The same token made by code. `made`: the claims of the one on the page, whose dates can be taken over. */
export function Snippets({
  recipe: { userId, expiry, withIssuedAt, extra },
  made,
}: {
  recipe: { userId: string; expiry: Expiry; withIssuedAt: boolean; extra: Claims };
  made: Claims | null;
}) {
  const [language, setLanguage] = useState<Language>('curl');
  const [isSame, setIsSame] = useState(false);
  const snippets = writeSnippets({
    userId,
    expiry: isSame && typeof made?.exp === 'number' ? { kind: 'at', second: made.exp } : expiry,
    issuedAt: !withIssuedAt ? 'absent' : isSame && typeof made?.iat === 'number' ? made.iat : 'now',
    extra,
  });
  const snippet = snippets.find((one) => one.language === language);
  return (
    <Card
      title="The same in code"
      description="For your backend. The secret is not in it: the code reads it from the environment."
      actions={snippet && <CopyButton text={snippet.code} label="Copy the code" />}
    >
      <Tabs
        label="Language"
        tabs={snippets.map((one) => ({ value: one.language, label: one.language }))}
        value={language}
        onChange={setLanguage}
      >
        {snippet && (
          <div className="stack-small">
            <p className="small soft">Wants: {snippet.needs}</p>
            <pre
              className="code snippet"
              dir="ltr"
              tabIndex={0}
              role="group"
              aria-label={`Code in ${snippet.language}`}
            >
              {snippet.code}
            </pre>
          </div>
        )}
        {made && (
          <div className="snippet-dates">
            <Checkbox
              label="With the very dates of the token above"
              hint="Else the code asks the clock when it runs, as a backend should."
              checked={isSame}
              onChange={(event) => setIsSame(event.target.checked)}
            />
          </div>
        )}
      </Tabs>
    </Card>
  );
}
