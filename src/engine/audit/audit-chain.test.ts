import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChainKey } from './audit-chain';

test('signs as HMAC-SHA-256 does, whatever the key and the message', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }),
      (secret, parts) => {
        const expected = createHmac('sha256', secret).update(Buffer.concat(parts)).digest();
        expect(Buffer.from(new ChainKey(secret).sign(...parts))).toEqual(expected);
      },
    ),
  );
});
