declare module '*.css';
declare module '*.svg' {
  const address: string;
  export default address;
}

interface Window {
  /** Put there by the preload script in the desktop; absent in the browser console. */
  readonly desk?: import('../shared/contract/bridge.ts').DeskBridge;
}
