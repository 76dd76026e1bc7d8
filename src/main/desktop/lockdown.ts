/** What no window may do, whatever its page tries: permissions, navigation, new windows, other content. */
import type { App, Session, WebContents } from 'electron';
import { windowOrigin } from './content.ts';
import { offeredFile } from './offered-files.ts';

/** Copying a text to the clipboard after a click is all a page is ever allowed. */
const allowedPermissions = new Set(['clipboard-sanitized-write']);

export function isOwnUrl(url: string): boolean {
  return url === windowOrigin || url.startsWith(`${windowOrigin}/`);
}

export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, callback) => callback(allowedPermissions.has(permission) && isOwnUrl(contents?.getURL() ?? '')));
  session.setPermissionCheckHandler((contents, permission) => allowedPermissions.has(permission) && isOwnUrl(contents?.getURL() ?? ''));
  session.setDevicePermissionHandler(() => false);
  // What the page made itself and what the engine hands out; the system's dialog asks where. Nothing else is ever stored.
  session.on('will-download', (event, item) => {
    const from = item.getURL();
    if (!from.startsWith(`blob:${windowOrigin}/`) && offeredFile('GET', from) === undefined) event.preventDefault();
  });
  // Nothing but our own scheme leaves the window, also where a policy had a gap.
  session.webRequest.onBeforeRequest((details, callback) => {
    const own = isOwnUrl(details.url) || details.url.startsWith('data:') || details.url.startsWith('blob:') || details.url.startsWith('devtools:');
    callback({ cancel: !own });
  });
}

export function lockContents(contents: WebContents): void {
  const stay = (event: { preventDefault(): void }, url: string) => {
    if (!isOwnUrl(url)) event.preventDefault();
  };
  contents.on('will-navigate', (event, url) => stay(event, url));
  contents.on('will-redirect', (event, url) => stay(event, url));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

export function lockApp(app: App): void {
  app.on('web-contents-created', (_event, contents) => lockContents(contents));
}
