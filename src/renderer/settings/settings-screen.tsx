import type { ReactElement } from 'react';
import { Page, PageHeader } from '../design/panel.tsx';
import { GeneralSettings } from './general-settings.tsx';
import { Listeners } from './listeners.tsx';
import { WindowSettings } from './window-settings.tsx';

export function SettingsScreen(): ReactElement {
  return (
    <Page width={1180}>
      <PageHeader title="Settings" />
      <WindowSettings />
      <Listeners />
      <GeneralSettings />
    </Page>
  );
}
