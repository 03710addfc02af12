/** Files that are taken in as text when the program is built. */
declare module '*?raw' {
  const text: string;
  // Vite gives the text as the default export.
  export default text;
}
