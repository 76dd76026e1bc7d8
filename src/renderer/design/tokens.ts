/** Colours, type and measures. Two palettes with the same names; nothing else in the window names a colour. */
import type {} from '@mui/material/styles';



export interface Palette {
  readonly canvas: string;
  readonly surface: string;
  readonly raised: string;
  readonly hover: string;
  readonly selected: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly text: string;
  readonly muted: string;
  readonly accent: string;
  readonly accentText: string;
  readonly accentSoft: string;
  readonly onAccent: string;
  readonly success: string;
  readonly warning: string;
  readonly danger: string;
  readonly info: string;
  readonly neutral: string;
  readonly successSoft: string;
  readonly warningSoft: string;
  readonly dangerSoft: string;
  readonly infoSoft: string;
  readonly neutralSoft: string;
}

declare module '@mui/material/styles' {
  interface Theme {
    readonly desk: Palette;
  }
  interface ThemeOptions {
    readonly desk?: Palette;
  }
}

export const light: Palette = {
  canvas: '#f3f5f5', surface: '#ffffff', raised: '#ffffff', hover: '#eef2f2', selected: '#e2eff0',
  line: '#dde3e4', lineStrong: '#7d8b8e', text: '#142022', muted: '#526164',
  accent: '#0b6470', accentText: '#0b5c67', accentSoft: '#e0eff0', onAccent: '#ffffff',
  success: '#1b6b42', warning: '#855000', danger: '#b0261d', info: '#2a578f', neutral: '#57666a',
  successSoft: '#e4f3ea', warningSoft: '#fbf0db', dangerSoft: '#fbe9e7', infoSoft: '#e6eef8', neutralSoft: '#e9eded',
};

export const dark: Palette = {
  canvas: '#0f1517', surface: '#161e21', raised: '#1c262a', hover: '#1e292d', selected: '#17363b',
  line: '#29363a', lineStrong: '#6d8086', text: '#e2eaeb', muted: '#9fb0b4',
  accent: '#58bfc9', accentText: '#6fcbd4', accentSoft: '#143439', onAccent: '#06282d',
  success: '#6dc493', warning: '#e3b266', danger: '#f2938a', info: '#8fb8ee', neutral: '#a5b3b6',
  successSoft: '#163024', warningSoft: '#352810', dangerSoft: '#3a1b19', infoSoft: '#182a40', neutralSoft: '#222d31',
};

export const tones = ['success', 'warning', 'danger', 'info', 'accent', 'neutral'] as const;
export type Tone = (typeof tones)[number];

export const fonts = {
  text: '"IBM Plex Sans", system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  mono: '"IBM Plex Mono", ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace',
} as const;

/** Environment bands cannot be turned off and never share a colour with a status. */
export const environments = {
  lab: { label: 'Lab', stripe: '#6b5aa8', ink: '#ffffff', meaning: 'Lab workspace: test keys and synthetic stock. Nothing here reaches subscribers.' },
  test: { label: 'Test', stripe: '#8a5a00', ink: '#ffffff', meaning: 'Test workspace: test certificates, real devices possible.' },
  live: { label: 'Live', stripe: '#9c1f3f', ink: '#ffffff', meaning: 'Live workspace: real subscribers and real keys.' },
} as const;

/** Spots of labels, never behind text: they need three to one against the surface of either theme. */
export const labelColours = {
  grey: ['#67757a', '#9fb0b4'], blue: ['#2f6fc4', '#7fb0f0'], teal: ['#0b7a82', '#58bfc9'], green: ['#2b7f4f', '#6dc493'],
  amber: ['#9a6a00', '#e3b266'], orange: ['#b4540a', '#f0a06a'], red: ['#b8352c', '#f2938a'], violet: ['#6f55b5', '#b6a3ee'],
} as const satisfies Readonly<Record<string, readonly [light: string, dark: string]>>;
export type LabelColour = keyof typeof labelColours;
export const labelColour = (name: string): LabelColour => (Object.hasOwn(labelColours, name) ? (name as LabelColour) : 'grey');

export const rowHeight = 34;
