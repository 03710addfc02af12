/** Forms of `..` that have opened doors elsewhere, in 120 spellings. */
export function traversals(): string[] {
  const ups = ['..', '..\\', '%2e%2e', '%252e%252e', '..%2f', '..;', '.../', '\u2025', '..\u0000', '\uff0e\uff0e'];
  const targets = ['etc/passwd', 'bundle.json', 'windows\\win.ini', 'objects', 'proc/self/environ', '.ssh/id_ed25519'];
  const wraps: ((up: string, target: string) => string)[] = [
    (up, target) => `${up}/${target}`,
    (up, target) => `objects/${up}/${up}/${target}`,
  ];
  return ups.flatMap((up) => targets.flatMap((target) => wraps.map((wrap) => wrap(up, target))));
}
