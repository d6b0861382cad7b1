import { createContext, useContext } from 'react';
import type { Params } from './router';

export const ParamsContext = createContext<Params>({});

/** The values of the names in the screen's pattern. */
export function useParams(): Params {
  return useContext(ParamsContext);
}

/** The API key in the address of a screen below `/apps/:key`. */
export function useAppKey(): string {
  return useParams()['key'] ?? '';
}
