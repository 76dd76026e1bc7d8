/** The areas of the window, in the order of the navigation. An area stands here when it works. */
import FactoryOutlined from '@mui/icons-material/FactoryOutlined';
import HomeOutlined from '@mui/icons-material/HomeOutlined';
import QrCode2Outlined from '@mui/icons-material/QrCode2Outlined';
import SensorsOutlined from '@mui/icons-material/SensorsOutlined';
import SettingsOutlined from '@mui/icons-material/SettingsOutlined';
import NumbersOutlined from '@mui/icons-material/NumbersOutlined';
import OutboxOutlined from '@mui/icons-material/OutboxOutlined';
import SimCardOutlined from '@mui/icons-material/SimCardOutlined';
import StorefrontOutlined from '@mui/icons-material/StorefrontOutlined';
import UploadFileOutlined from '@mui/icons-material/UploadFileOutlined';
import DescriptionOutlined from '@mui/icons-material/DescriptionOutlined';
import VpnKeyOutlined from '@mui/icons-material/VpnKeyOutlined';
import type { Permission } from '../../shared/contract/define.ts';
import type { DeskIcon } from '../design/status.tsx';

export interface Area {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  /** Second key after `g`. */
  readonly key: string;
  readonly icon: DeskIcon;
  readonly permission: Permission;
  readonly keywords: readonly string[];
  /** Shown in the navigation as part of another area: reached by links, keys and palette, without an entry of its own. */
  readonly under?: string;
}

export const areas: readonly Area[] = [
  { id: 'home', name: 'Home', path: '/', key: 'h', icon: HomeOutlined, permission: 'workspace.view', keywords: ['dashboard', 'figures'] },
  { id: 'inventory', name: 'Inventory', path: '/inventory', key: 'i', icon: SimCardOutlined, permission: 'profile.view', keywords: ['profiles', 'stock'] },
  { id: 'imports', name: 'Imports', path: '/imports', key: 'm', icon: UploadFileOutlined, permission: 'stock.import', keywords: ['files', 'csv', 'transport keys', 'mapping', 'vendor'], under: 'inventory' },
  { id: 'preparation', name: 'Preparation', path: '/preparation', key: 'p', icon: FactoryOutlined, permission: 'profile.view', keywords: ['batches', 'output files', 'recipients', 'hlr', 'labels'] },
  { id: 'numbers', name: 'Numbers', path: '/numbers', key: 'u', icon: NumbersOutlined, permission: 'number.view', keywords: ['ledger', 'iccid', 'imsi', 'msisdn', 'blocks', 'ranges', 'stock levels', 'forecast', 'proposals', 'policies', 'recycling'] },
  { id: 'templates', name: 'Templates', path: '/templates', key: 't', icon: DescriptionOutlined, permission: 'profile.view', keywords: ['types', 'profile package', 'saip', 'elementary files', 'editor'] },
  { id: 'activations', name: 'Activations', path: '/activations', key: 'a', icon: QrCode2Outlined, permission: 'order.view', keywords: ['orders', 'qr'] },
  { id: 'brands', name: 'Brands', path: '/brands', key: 'b', icon: StorefrontOutlined, permission: 'brand.view', keywords: ['es2+', 'customers', 'operators', 'entitlements', 'quota', 'callback'] },
  { id: 'outbox', name: 'Outgoing messages', path: '/outbox', key: 'o', icon: OutboxOutlined, permission: 'outbox.view', keywords: ['outbox', 'callbacks', 'notifications', 'dead', 'replay', 'es2+'], under: 'brands' },
  { id: 'sessions', name: 'Live sessions', path: '/sessions', key: 'l', icon: SensorsOutlined, permission: 'session.view', keywords: ['downloads', 'es9+', 'monitor'] },
  { id: 'keys', name: 'Keys & certificates', path: '/keys', key: 'k', icon: VpnKeyOutlined, permission: 'keys.view', keywords: ['pki', 'identities', 'ci', 'dpauth', 'tls', 'crl', 'expiry'] },
  { id: 'settings', name: 'Settings', path: '/settings', key: 's', icon: SettingsOutlined, permission: 'workspace.view', keywords: ['options', 'limits', 'listeners'] },
];

/** The area an in-app address lies in. */
export function areaAt(pathname: string): Area | undefined {
  return areas.find((a) => (a.path === '/' ? pathname === '/' : pathname === a.path || pathname.startsWith(`${a.path}/`)));
}
