import { Toast as BaseToast } from '@base-ui/react/toast';
import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';

import { failureLine, failureTitle } from '../lib/failure-words.ts';
import { classNames } from '../lib/class-names.ts';
import { failureOf, isAbort } from '../rpc/failure.ts';

import { Button } from './button.tsx';
import { IconButton } from './icon-button.tsx';
import styles from './toast.module.css';

export type ToastKind = 'good' | 'bad' | 'info';

export interface ToastOptions {
  readonly kind?: ToastKind;
  readonly title: string;
  readonly description?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

const toastManager = BaseToast.createToastManager();

/** Says that something happened. What must not be missed belongs into the view instead. */
export function showToast({ kind = 'info', title, description, action }: ToastOptions): void {
  toastManager.add({
    title,
    description,
    type: kind,
    timeout: kind === 'bad' ? 0 : 6000,
    priority: kind === 'bad' ? 'high' : 'low',
    ...(action === undefined ? {} : { actionProps: { children: action.label, onClick: action.run } }),
  });
}

/** Says that an act failed, with the server's words. Stays until dismissed. A cancelled act is no news. */
export function showFailureToast(error: unknown, title?: string): void {
  if (isAbort(error)) return;
  const failure = failureOf(error);
  showToast({ kind: 'bad', title: title ?? failureTitle(failure), description: failureLine(failure) });
}

/** Where toasts appear. Stands once in the app. */
export function ToastViewport() {
  return (
    <BaseToast.Provider toastManager={toastManager} limit={4}>
      <BaseToast.Portal>
        <BaseToast.Viewport className={styles['viewport']}>
          <Toasts />
        </BaseToast.Viewport>
      </BaseToast.Portal>
    </BaseToast.Provider>
  );
}

function Toasts() {
  const { toasts } = BaseToast.useToastManager();
  return toasts.map((toast) => {
    const Icon = toast.type === 'good' ? CircleCheck : toast.type === 'bad' ? CircleAlert : Info;
    return (
      <BaseToast.Root key={toast.id} toast={toast} className={styles['toast']}>
        <BaseToast.Content className={styles['content']}>
          <Icon size={16} className={classNames(styles['icon'], styles[toast.type ?? 'info'])} aria-hidden />
          <div className={styles['words']}>
            <BaseToast.Title className={styles['title']} render={<p />} />
            <BaseToast.Description className={styles['description']} />
            {toast.actionProps !== undefined && (
              <BaseToast.Action
                className={styles['action']}
                render={<Button size="small">{toast.actionProps.children}</Button>}
              />
            )}
          </div>
          <BaseToast.Close render={<IconButton icon={X} label="Dismiss" size="small" />} />
        </BaseToast.Content>
      </BaseToast.Root>
    );
  });
}
