/** The one small bridge between a window and the application: four functions, nothing of Electron itself. */
import { contextBridge, ipcRenderer } from 'electron';
import type { DeskBridge } from '../shared/contract/bridge.ts';
import type { Reply } from '../shared/contract/define.ts';

let lastStream = 0;

const bridge: DeskBridge = {
  host: 'desktop',
  call: (procedure, input, commandId) => ipcRenderer.invoke('desk:call', procedure, input, commandId) as Promise<Reply<unknown>>,
  upload: (bytes) => ipcRenderer.invoke('desk:upload', bytes) as Promise<Reply<{ handle: string }>>,
  subscribe: (procedure, input, onData) => {
    const id = `s${++lastStream}`;
    const listener = (_event: unknown, stream: string, data: unknown) => {
      if (stream === id) onData(data);
    };
    ipcRenderer.on('desk:data', listener);
    ipcRenderer.send('desk:subscribe', id, procedure, input);
    return () => {
      ipcRenderer.off('desk:data', listener);
      ipcRenderer.send('desk:unsubscribe', id);
    };
  },
};

contextBridge.exposeInMainWorld('desk', bridge);
