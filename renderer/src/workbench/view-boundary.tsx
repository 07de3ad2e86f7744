import { Component, Suspense } from 'react';
import type { ReactNode } from 'react';

import { failureOf } from '../rpc/failure.ts';
import { FailureView } from '../ui/failure-view.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';

import styles from './connection-gate.module.css';
import workbenchStyles from './workbench.module.css';

interface Props {
  readonly children: ReactNode;
}

/** Holds a view that is loaded lazily, and keeps its failure from taking the frame down. */
export class ViewBoundary extends Component<Props, { readonly error: unknown }> {
  override readonly state = { error: null };

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error !== null) {
      return (
        <div className={styles['failed']}>
          <FailureView
            failure={{ ...failureOf(this.state.error), retryable: true }}
            title="This view failed"
            onRetry={() => this.setState({ error: null })}
          />
        </div>
      );
    }
    return <Suspense fallback={<LoadingView />}>{this.props.children}</Suspense>;
  }
}

function LoadingView() {
  return (
    <div className={workbenchStyles['loading']}>
      <SkeletonRows rows={6} label="Loading" />
    </div>
  );
}
