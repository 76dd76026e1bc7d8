import { lazy, type ReactElement } from 'react';
import { createHashRouter, Link, Navigate } from 'react-router';
import SearchOff from '@mui/icons-material/SearchOff';
import { Empty } from '../design/states.tsx';
import { JobScreen } from './job-screen.tsx';
import { HomeScreen } from '../home/home-screen.tsx';
import { Shell } from './shell.tsx';

const Inventory = lazy(async () => ({ default: (await import('../inventory/inventory-screen.tsx')).InventoryScreen }));
const Profile = lazy(async () => ({ default: (await import('../inventory/profile-screen.tsx')).ProfileScreen }));
const Compare = lazy(async () => ({ default: (await import('../inventory/compare-screen.tsx')).CompareScreen }));
const Activations = lazy(async () => ({ default: (await import('../activations/activations-screen.tsx')).ActivationsScreen }));
const Order = lazy(async () => ({ default: (await import('../activations/order-screen.tsx')).OrderScreen }));
const Brands = lazy(async () => ({ default: (await import('../brands/brands-screen.tsx')).BrandsScreen }));
const Brand = lazy(async () => ({ default: (await import('../brands/brand-screen.tsx')).BrandScreen }));
const Outbox = lazy(async () => ({ default: (await import('../outbox/outbox-screen.tsx')).OutboxScreen }));
const Message = lazy(async () => ({ default: (await import('../outbox/message-screen.tsx')).MessageScreen }));
const Numbers = lazy(async () => ({ default: (await import('../numbers/numbers-screen.tsx')).NumbersScreen }));
const Keys = lazy(async () => ({ default: (await import('../keys/keys-screen.tsx')).KeysScreen }));
const Sessions = lazy(async () => ({ default: (await import('../sessions/sessions-screen.tsx')).SessionsScreen }));
const Session = lazy(async () => ({ default: (await import('../sessions/session-screen.tsx')).SessionScreen }));
const Imports = lazy(async () => ({ default: (await import('../imports/imports-screen.tsx')).ImportsScreen }));
const Import = lazy(async () => ({ default: (await import('../imports/wizard-screen.tsx')).ImportScreen }));
const Preparation = lazy(async () => ({ default: (await import('../preparation/preparation-screen.tsx')).PreparationScreen }));
const NewBatch = lazy(async () => ({ default: (await import('../preparation/new-batch-screen.tsx')).NewBatchScreen }));
const Batch = lazy(async () => ({ default: (await import('../preparation/batch-screen.tsx')).BatchScreen }));
const Recipient = lazy(async () => ({ default: (await import('../preparation/recipient-screen.tsx')).RecipientScreen }));
const Templates = lazy(async () => ({ default: (await import('../templates/templates-screen.tsx')).TemplatesScreen }));
const Template = lazy(async () => ({ default: (await import('../templates/template-screen.tsx')).TemplateScreen }));
const EditTemplate = lazy(async () => ({ default: (await import('../templates/edit-screen.tsx')).EditScreen }));
const CompareTemplates = lazy(async () => ({ default: (await import('../templates/compare-screen.tsx')).CompareTemplatesScreen }));
const Settings = lazy(async () => ({ default: (await import('../settings/settings-screen.tsx')).SettingsScreen }));

/** Hash addresses: they work under `app://`, under loopback HTTP and as deep links, without the host knowing any of them. */
export function makeRouter(): ReturnType<typeof createHashRouter> {
  return createHashRouter([
    {
      path: '/',
      Component: Shell,
      children: [
        { index: true, Component: HomeScreen },
        { path: 'inventory', Component: Inventory },
        { path: 'inventory/compare', Component: Compare },
        { path: 'inventory/:iccid', Component: Profile },
        { path: 'imports', Component: Imports },
        { path: 'imports/:id', Component: Import },
        { path: 'preparation', Component: Preparation },
        { path: 'preparation/new', Component: NewBatch },
        { path: 'preparation/recipients/:id', Component: Recipient },
        { path: 'preparation/:id', Component: Batch },
        { path: 'activations', Component: Activations },
        { path: 'activations/:orderId', Component: Order },
        { path: 'sessions', Component: Sessions },
        { path: 'sessions/:transactionId', Component: Session },
        { path: 'numbers', Component: Numbers },
        { path: 'numbers/:tab', Component: Numbers },
        { path: 'brands', Component: Brands },
        { path: 'brands/:name', Component: Brand },
        { path: 'outbox', Component: Outbox },
        { path: 'outbox/:id', Component: Message },
        { path: 'keys', Component: Keys },
        { path: 'keys/:tab', Component: Keys },
        // Certificates and types were a part of the settings once; addresses that were kept still lead there.
        { path: 'settings/certificates', element: <Navigate to="/keys" replace /> },
        { path: 'templates', Component: Templates },
        { path: 'templates/types', Component: Templates },
        { path: 'templates/compare', Component: CompareTemplates },
        { path: 'templates/:id', Component: Template },
        { path: 'templates/:id/edit', Component: EditTemplate },
        { path: 'templates/:id/:tab', Component: Template },
        { path: 'settings/types', element: <Navigate to="/templates/types" replace /> },
        { path: 'jobs/:id', Component: JobScreen },
        { path: 'settings', Component: Settings },
        { path: 'settings/:tab', Component: Settings },
        { path: '*', Component: NotFound },
      ],
    },
  ]);
}

function NotFound(): ReactElement {
  return (
    <Empty icon={SearchOff} title="There is no such page" actions={<Link to="/">Go to Home</Link>}>
      The address does not belong to any area of this program.
    </Empty>
  );
}
