import { describe, expect, test } from 'vitest';
import { drawingOf } from '../../../src/renderer/design/cells.tsx';
import { deviceLook, networkLook, orderLook, stockLook, toneIcon } from '../../../src/renderer/design/status.tsx';

describe('cells of long lists', () => {
  test('every icon of a state gives its drawing without a component around it', () => {
    for (const table of [orderLook, stockLook, networkLook, deviceLook]) for (const [state, look] of Object.entries(table)) expect(drawingOf(look.icon), state).toBeDefined();
  });

  test('a component that is no icon gives none, and is drawn as it is', () => {
    expect(drawingOf((() => null) as unknown as ReturnType<typeof toneIcon>)).toBeUndefined();
  });
});
