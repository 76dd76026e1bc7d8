/** The areas of the window, in the order of the navigation. An area stands here when it works. */
import HomeOutlined from '@mui/icons-material/HomeOutlined';
import QrCode2Outlined from '@mui/icons-material/QrCode2Outlined';
import SensorsOutlined from '@mui/icons-material/SensorsOutlined';
import SettingsOutlined from '@mui/icons-material/SettingsOutlined';
import SimCardOutlined from '@mui/icons-material/SimCardOutlined';
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
}

export const areas: readonly Area[] = [
  { id: 'home', name: 'Home', path: '/', key: 'h', icon: HomeOutlined, permission: 'workspace.view', keywords: ['dashboard', 'figures'] },
  { id: 'inventory', name: 'Inventory', path: '/inventory', key: 'i', icon: SimCardOutlined, permission: 'profile.view', keywords: ['profiles', 'stock'] },
  { id: 'activations', name: 'Activations', path: '/activations', key: 'a', icon: QrCode2Outlined, permission: 'order.view', keywords: ['orders', 'qr'] },
  { id: 'sessions', name: 'Live sessions', path: '/sessions', key: 'l', icon: SensorsOutlined, permission: 'session.view', keywords: ['downloads', 'es9+', 'monitor'] },
  { id: 'settings', name: 'Settings', path: '/settings', key: 's', icon: SettingsOutlined, permission: 'workspace.view', keywords: ['options', 'types', 'templates', 'certificates'] },
];

/** The area an in-app address lies in. */
export function areaAt(pathname: string): Area | undefined {
  return areas.find((a) => (a.path === '/' ? pathname === '/' : pathname === a.path || pathname.startsWith(`${a.path}/`)));
}
