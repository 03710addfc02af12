/// <reference types="vite/client" />
/** What the renderer finds around it: the bridge of the preload (Electron only) and modules without types. */

interface Window {
  readonly host?: import('#contract/host-bridge').HostBridge;
}

declare module 'plotly.js-cartesian-dist-min';
declare module '@fontsource-variable/inter';
declare module '@fontsource-variable/jetbrains-mono';

/** The part of Swagger UI that the API reference uses; the package ships no types. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  interface SwaggerOptions {
    readonly spec: unknown;
    readonly dom_id: string;
    readonly deepLinking: boolean;
    readonly docExpansion: 'none' | 'list' | 'full';
    readonly defaultModelsExpandDepth: number;
    readonly displayOperationId: boolean;
    readonly filter: boolean;
    readonly validatorUrl: null;
    requestInterceptor<Request extends { readonly headers: Record<string, string> }>(request: Request): Request;
  }
  const SwaggerUI: (options: SwaggerOptions) => void;
  // The package exports nothing else.
  export default SwaggerUI;
}
