/**
 * Opens the browser's own print dialog for a document, which also saves it as PDF. The document runs no scripts: its
 * frame is sandboxed. Resolves when the dialog is closed.
 */
export async function printDocument(html: string): Promise<void> {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-same-origin allow-modals');
  frame.setAttribute('aria-hidden', 'true');
  frame.style.cssText = 'position:fixed;width:0;height:0;border:0;visibility:hidden';
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
  frame.srcdoc = html;
  document.body.append(frame);
  try {
    await loaded;
    frame.contentWindow?.print();
  } finally {
    // Some browsers print after `print` has returned.
    window.setTimeout(() => frame.remove(), 60_000);
  }
}
