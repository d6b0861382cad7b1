import { Component, type ReactNode } from 'react';
import { Button, Callout } from '../ui';

/** Where a screen breaks, the navigation stays. */
export class ScreenBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Callout tone="danger" title="This page could not be shown" alert>
        <p>
          The server may be gone, or may have come back as a newer version with a newer dashboard.
          Loading the page again helps then.
        </p>
        <Button small icon="refresh" onClick={() => location.reload()}>
          Load again
        </Button>
      </Callout>
    );
  }
}
