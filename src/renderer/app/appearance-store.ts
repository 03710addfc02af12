/** Appearance that is remembered on this machine: density. (The theme is kept by the component library.) */
import { create } from 'zustand';

export type Density = 'compact' | 'comfortable';
const KEY = 'sextant.density';

function stored(): Density {
  return localStorage.getItem(KEY) === 'comfortable' ? 'comfortable' : 'compact';
}

function show(density: Density): void {
  document.documentElement.dataset['density'] = density;
}

export const useAppearance = create<{ readonly density: Density }>(() => {
  show(stored());
  return { density: stored() };
});

export function setDensity(density: Density): void {
  localStorage.setItem(KEY, density);
  show(density);
  useAppearance.setState({ density });
}
