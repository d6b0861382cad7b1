import { Icon, Segmented } from '../ui';
import { chooseTheme, useTheme } from './theme';

export function ThemeSwitch() {
  const theme = useTheme();
  return (
    <Segmented
      label="Colours"
      value={theme}
      onChange={chooseTheme}
      options={[
        { value: 'system', label: <Icon name="screen" />, name: 'As the system' },
        { value: 'light', label: <Icon name="sun" />, name: 'Light' },
        { value: 'dark', label: <Icon name="moon" />, name: 'Dark' },
      ]}
    />
  );
}
