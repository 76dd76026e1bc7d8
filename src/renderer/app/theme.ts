import { createTheme, type Theme } from '@mui/material/styles';
import { dark, fonts, light } from '../design/tokens.ts';

export function deskTheme(mode: 'light' | 'dark', calm: boolean): Theme {
  const c = mode === 'light' ? light : dark;
  return createTheme({
    desk: c,
    palette: {
      mode,
      primary: { main: c.accent, contrastText: c.onAccent },
      secondary: { main: c.neutral, contrastText: c.surface },
      error: { main: c.danger, contrastText: mode === 'light' ? '#ffffff' : '#2b0e0c' },
      warning: { main: c.warning },
      success: { main: c.success },
      info: { main: c.info },
      background: { default: c.canvas, paper: c.surface },
      text: { primary: c.text, secondary: c.muted, disabled: c.muted },
      divider: c.line,
    },
    shape: { borderRadius: 6 },
    spacing: 8,
    ...(calm ? { transitions: { create: () => 'none', duration: { shortest: 0, shorter: 0, short: 0, standard: 0, complex: 0, enteringScreen: 0, leavingScreen: 0 } } } : {}),
    typography: {
      fontFamily: fonts.text, fontSize: 13, htmlFontSize: 16,
      h1: { fontSize: '1.25rem', fontWeight: 600, lineHeight: 1.3, letterSpacing: '-0.005em' },
      h2: { fontSize: '0.9375rem', fontWeight: 600, lineHeight: 1.35 },
      h3: { fontSize: '0.8125rem', fontWeight: 600, lineHeight: 1.4 },
      body1: { fontSize: '0.8125rem', lineHeight: 1.5 },
      body2: { fontSize: '0.8125rem', lineHeight: 1.5 },
      caption: { fontSize: '0.75rem', lineHeight: 1.45 },
      button: { fontSize: '0.8125rem', fontWeight: 500, textTransform: 'none', lineHeight: 1.5 },
    },
    components: {
      MuiCssBaseline: {
        styleOverrides: {
          'html, body, #root': { height: '100%' },
          body: { fontVariantNumeric: 'tabular-nums', overflow: 'hidden', WebkitFontSmoothing: 'antialiased' },
          '::selection': { background: c.accentSoft, color: c.text },
          ':focus-visible': { outline: `2px solid ${c.accent}`, outlineOffset: 2 },
          'main:focus-visible, .MuiDialog-container:focus-visible, .MuiDialog-paper:focus-visible, h1:focus-visible, .MuiPopover-paper:focus-visible': { outline: 'none' },
          '*': { scrollbarWidth: 'thin', scrollbarColor: `${c.lineStrong} transparent` },
          '.visually-hidden': { position: 'absolute', width: 1, height: 1, margin: -1, padding: 0, overflow: 'hidden', clipPath: 'inset(50%)', whiteSpace: 'nowrap', border: 0 },
          '.mono': { fontFamily: fonts.mono, fontSize: '0.78125rem', letterSpacing: '-0.01em' },
          '@media (prefers-reduced-motion: reduce)': { '*, *::before, *::after': { animationDuration: '0.01ms !important', animationIterationCount: '1 !important', transitionDuration: '0.01ms !important' } },
          '@media print': { 'body, html, #root': { overflow: 'visible', height: 'auto' } },
        },
      },
      MuiButtonBase: { defaultProps: { disableRipple: true }, styleOverrides: { root: { '&:focus-visible': { outline: `2px solid ${c.accent}`, outlineOffset: 2 } } } },
      MuiButton: {
        defaultProps: { size: 'small', disableElevation: true, color: 'inherit' },
        styleOverrides: {
          root: { minHeight: 30, padding: '3px 11px', borderRadius: 5, whiteSpace: 'nowrap', '&.Mui-disabled': { color: c.muted, opacity: 0.75 } },
          outlined: { borderColor: c.lineStrong, background: c.surface, '&:hover': { borderColor: c.accent, background: c.hover } },
          text: { '&:hover': { background: c.hover } },
        },
      },
      MuiIconButton: { defaultProps: { size: 'small' }, styleOverrides: { root: { borderRadius: 5, padding: 5, color: c.muted, '&:hover': { background: c.hover, color: c.text } } } },
      MuiSvgIcon: { styleOverrides: { root: { fontSize: '1.125rem' } } },
      MuiPaper: { defaultProps: { elevation: 0 }, styleOverrides: { root: { backgroundImage: 'none' } } },
      // Layers go at once: a key pressed right after Esc belongs to what stands below.
      MuiMenu: { defaultProps: { transitionDuration: layerMs }, styleOverrides: { paper: { border: `1px solid ${c.line}`, background: c.raised, boxShadow: shadow(mode) } } },
      MuiPopover: { defaultProps: { transitionDuration: layerMs }, styleOverrides: { paper: { border: `1px solid ${c.line}`, background: c.raised, boxShadow: shadow(mode) } } },
      MuiAutocomplete: { styleOverrides: { paper: { border: `1px solid ${c.line}`, background: c.raised, boxShadow: shadow(mode), marginTop: 2 }, noOptions: { fontSize: '0.8125rem', color: c.muted } } },
      MuiMenuItem: { styleOverrides: { root: { fontSize: '0.8125rem', minHeight: 30, paddingTop: 4, paddingBottom: 4, '&.Mui-selected': { background: c.selected }, '&.Mui-focusVisible': { background: c.hover } } } },
      MuiDialog: { defaultProps: { transitionDuration: layerMs }, styleOverrides: { paper: { border: `1px solid ${c.line}`, background: c.surface, boxShadow: shadow(mode), borderRadius: 8 } } },
      MuiDialogTitle: { styleOverrides: { root: { fontSize: '1rem', fontWeight: 600, padding: '14px 20px 10px' } } },
      MuiDialogContent: { styleOverrides: { root: { padding: '6px 20px 16px' } } },
      MuiDialogActions: { styleOverrides: { root: { padding: '10px 20px 14px', borderTop: `1px solid ${c.line}` } } },
      MuiTextField: { defaultProps: { size: 'small' } },
      MuiOutlinedInput: {
        styleOverrides: {
          root: { background: c.surface, borderRadius: 5, '& .MuiOutlinedInput-notchedOutline': { borderColor: c.lineStrong }, '&:hover .MuiOutlinedInput-notchedOutline': { borderColor: c.muted } },
          input: { fontSize: '0.8125rem', paddingTop: 7, paddingBottom: 7, '&::placeholder': { color: c.muted, opacity: 1 } },
        },
      },
      MuiInputLabel: { styleOverrides: { root: { fontSize: '0.8125rem', color: c.muted, '&.Mui-focused': { color: c.accentText } } } },
      MuiFormHelperText: { styleOverrides: { root: { marginLeft: 0, marginRight: 0, color: c.muted } } },
      MuiFormControlLabel: { styleOverrides: { label: { fontSize: '0.8125rem' } } },
      MuiChip: { styleOverrides: { root: { height: 24, borderRadius: 5, fontSize: '0.75rem' } } },
      MuiTooltip: {
        defaultProps: { enterDelay: 350, arrow: false },
        styleOverrides: { tooltip: { fontSize: '0.75rem', background: mode === 'light' ? '#1d2b2e' : '#e2eaeb', color: mode === 'light' ? '#ffffff' : '#101719', maxWidth: 380, padding: '5px 9px' } },
      },
      MuiTableCell: {
        styleOverrides: {
          root: { fontSize: '0.8125rem', padding: '5px 12px', borderColor: c.line, '&:first-child': { paddingLeft: 16 }, '&:last-child': { paddingRight: 16 } },
          head: { fontSize: '0.75rem', fontWeight: 500, color: c.muted, background: 'transparent', whiteSpace: 'nowrap' },
        },
      },
      MuiBadge: { styleOverrides: { badge: { fontSize: '0.6875rem', height: 15, minWidth: 15, padding: '0 4px' } } },
      MuiToggleButton: { styleOverrides: { root: { fontSize: '0.8125rem', fontWeight: 400, textTransform: 'none', color: c.text, borderColor: c.lineStrong, '&.Mui-selected': { background: c.accentSoft, color: c.accentText, fontWeight: 500, '&:hover': { background: c.accentSoft } } } } },
      MuiTab: { styleOverrides: { root: { minHeight: 36, padding: '6px 14px', textTransform: 'none' } } },
      MuiTabs: { styleOverrides: { root: { minHeight: 36 } } },
      MuiAlert: { styleOverrides: { root: { fontSize: '0.8125rem', padding: '4px 12px' } } },
      MuiLinearProgress: { styleOverrides: { root: { borderRadius: 3, height: 5, background: c.neutralSoft } } },
      MuiLink: { defaultProps: { underline: 'hover' }, styleOverrides: { root: { color: c.accentText } } },
      MuiSkeleton: { styleOverrides: { root: { background: c.neutralSoft } } },
    },
  });
}

const layerMs = { enter: 120, exit: 0 } as const;

function shadow(mode: 'light' | 'dark'): string {
  return mode === 'light' ? '0 8px 28px rgba(20, 32, 34, 0.14)' : '0 10px 32px rgba(0, 0, 0, 0.5)';
}
