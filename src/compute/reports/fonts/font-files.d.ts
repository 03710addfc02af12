/** Font files that the bundler writes into the code as data addresses, so that no path has to be found at run time. */
declare module '*?inline' {
  const address: string;
  // Vite's form of such a module has only a default export.
  export default address;
}
