/** The desktop program: Electron's main process. It composes windows and host and does nothing else. */
import { app, dialog, ipcMain, protocol, session } from 'electron';
import { openBridge } from './desktop/bridge.ts';
import { serveContent } from './desktop/content.ts';
import { fileResponse, offeredFile } from './desktop/offered-files.ts';
import { setUpLab } from './desktop/first-start.ts';
import { lockApp, lockSession } from './desktop/lockdown.ts';
import { setMenu } from './desktop/menu.ts';
import { isOwnWindow, openWindow } from './desktop/window.ts';
import { rendererRoot } from './hosting/files.ts';
import { type Host, openHost } from './hosting/host.ts';
import { defaultWorkspace, openWorkspaceFolder } from './hosting/workspace-folder.ts';

// A renderer without its sandbox, or a way in for a debugger, is no window of ours.
const forbidden = ['no-sandbox', 'disable-web-security', ...(app.isPackaged ? ['remote-debugging-port', 'remote-debugging-pipe', 'inspect', 'inspect-brk', 'js-flags'] : [])];
const found = forbidden.find((name) => app.commandLine.hasSwitch(name));
if (found) {
  process.stderr.write(`mvne-desk: the window does not start with --${found}; run "npm start" for the console instead\n`);
  app.exit(1);
} else if (!app.requestSingleInstanceLock({ workspace: process.env['MVNE_DESK_WORKSPACE'] ?? '' })) {
  app.exit(0);
} else {
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
  lockApp(app);
  void run();
}

async function run(): Promise<void> {
  let host: Host | undefined;
  let closing = false;
  const close = async (): Promise<void> => {
    if (closing) return;
    closing = true;
    await host?.close().catch(() => undefined);
    app.exit(0);
  };
  app.on('window-all-closed', () => void close());
  app.on('before-quit', (event) => {
    event.preventDefault();
    void close();
  });
  try {
    await app.whenReady();
    lockSession(session.defaultSession);
    protocol.handle('app', (request) => {
      const handle = offeredFile(request.method, request.url);
      if (handle !== undefined && host) return fileResponse(host.client, handle);
      const content = serveContent(rendererRoot(), request.method, request.url);
      return new Response(Buffer.from(content.body), { status: content.status, headers: content.headers });
    });
    setMenu(app.isPackaged);
    const workspace = process.env['MVNE_DESK_WORKSPACE'] || defaultWorkspace();
    if (openWorkspaceFolder(workspace).fresh) await setUpLab(workspace);
    host = await openHost({ workspace, host: 'desktop', engine: { es9plus: [{ host: '127.0.0.1', port: 0 }] } });
    void host.own?.gaveUp.then((reason) => {
      dialog.showErrorBox('MVNE Desk has to end', `What was acknowledged is kept, but ${reason}.`);
      void close();
    });
    openBridge({ ipc: ipcMain, client: host.client, isOwnWindow });
    const window = openWindow();
    app.on('second-instance', () => {
      if (window.isMinimized()) window.restore();
      window.focus();
    });
  } catch (error) {
    dialog.showErrorBox('MVNE Desk cannot start', error instanceof Error ? error.message : String(error));
    closing = true;
    await host?.close().catch(() => undefined);
    app.exit(1);
  }
}
