import { useResource, type Resource } from '../api/resource';
import { ErrorNote, Loading } from '../ui';
import { useInterval } from './interval';

/** How often it is counted anew what would end: people come and go while a dialog is open. */
const kRecountMs = 3_000;

interface Preview<T> extends Resource<T> {
  /** Nothing is shown yet. Nothing is ended before it was shown what, unless that cannot be told. */
  counting: boolean;
}

/** What an act would end, counted again and again while its dialog is open. A null key counts nothing. */
export function usePreview<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Preview<T> {
  const preview = useResource(key, load);
  useInterval(() => {
    // One that takes longer than that is let finish.
    if (!preview.loading) preview.reload();
  }, kRecountMs);
  const counting = key !== null && preview.data === undefined && preview.error === undefined;
  return { ...preview, counting };
}

/** What stands in a preview's place, or beside it: that it is being counted, or why it cannot be. */
export function PreviewState({ preview }: { preview: Preview<unknown> }) {
  return (
    <>
      <ErrorNote error={preview.error} retry={preview.reload} />
      {preview.counting && <Loading label="Counting what this ends" />}
    </>
  );
}
