/** Letters typed into a field are text, and those typed into a tree look for a name: they are no shortcuts. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.closest('[role="tree"]') !== null || target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type));
}

/**
 * A dialog or menu stands open: letters are its own. One that is going away is no longer there for the reader: a key pressed right
 * after it must not be lost. The very key that closes it still is its own (`target`).
 */
export function layerOpen(target: EventTarget | null): boolean {
  const layers = '[role="dialog"], [role="menu"]';
  if (target instanceof Element && target.closest(layers) !== null) return true;
  return [...document.querySelectorAll(layers)].some((layer) => layer.closest('[aria-hidden="true"]') === null);
}
