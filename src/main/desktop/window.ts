/** The application's window. */
import { BrowserWindow, nativeTheme } from 'electron';
import { preloadFile } from '../hosting/files.ts';
import { windowOrigin } from './content.ts';

const windows = new Set<number>();

export function isOwnWindow(contents: { id: number }): boolean {
  return windows.has(contents.id);
}

export function openWindow(): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440, height: 900, minWidth: 960, minHeight: 640, show: false, title: 'MVNE Desk', autoHideMenuBar: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#101418' : '#f6f7f8',
    webPreferences: {
      preload: preloadFile(), sandbox: true, contextIsolation: true, nodeIntegration: false, nodeIntegrationInWorker: false, nodeIntegrationInSubFrames: false,
      webSecurity: true, allowRunningInsecureContent: false, webviewTag: false, navigateOnDragDrop: false, spellcheck: false, safeDialogs: true,
    },
  });
  const { id } = window.webContents;
  windows.add(id);
  window.on('closed', () => windows.delete(id));
  window.once('ready-to-show', () => window.show());
  void window.loadURL(`${windowOrigin}/`);
  return window;
}
