/** The component library in the tokens of Sextant: its variables point to ours, its defaults are small and square. */
import {
  Button,
  Checkbox,
  createTheme,
  type CSSVariablesResolver,
  FileInput,
  Modal,
  NumberInput,
  SegmentedControl,
  Select,
  Switch,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core';

const accent = [
  '#e8effa',
  '#d3e1f5',
  '#a9c5ec',
  '#7fb0ff',
  '#5a92e0',
  '#3b78cf',
  '#1f5fbf',
  '#1b54a8',
  '#17498f',
  '#123a73',
] as const;

const field = { size: 'xs' } as const;

export const theme = createTheme({
  primaryColor: 'accent',
  colors: { accent },
  primaryShade: { light: 6, dark: 3 },
  autoContrast: true,
  luminanceThreshold: 0.36,
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'var(--font-text)',
  fontFamilyMonospace: 'var(--font-mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '14px', xl: '16px' },
  components: {
    Button: Button.extend({ defaultProps: { size: 'xs', variant: 'filled' }, styles: { root: { fontWeight: 500 } } }),
    TextInput: TextInput.extend({ defaultProps: field }),
    NumberInput: NumberInput.extend({ defaultProps: field }),
    Select: Select.extend({ defaultProps: { ...field, allowDeselect: false, checkIconPosition: 'right' } }),
    Textarea: Textarea.extend({ defaultProps: field }),
    FileInput: FileInput.extend({ defaultProps: field }),
    Switch: Switch.extend({ defaultProps: field }),
    Checkbox: Checkbox.extend({ defaultProps: field }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: field }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 250, withArrow: true, transitionProps: { duration: 100 } } }),
    Modal: Modal.extend({ defaultProps: { centered: true, transitionProps: { duration: 100 } } }),
  },
});

/** The library's own names, in our tokens; the tokens change with the theme, so both schemes say the same. */
const LIBRARY_COLORS = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--faint)',
  '--mantine-color-placeholder': 'var(--faint)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-error': 'var(--danger)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--sunken)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--line-strong)',
};

export const cssVariables: CSSVariablesResolver = () => ({
  variables: { '--mantine-line-height': '1.45' },
  light: { ...LIBRARY_COLORS },
  dark: { ...LIBRARY_COLORS },
});
