/** The few forms of protocol buffers that this program writes; nothing is read here (protobuf.dev, encoding). */

const VARINT = 0;
const BYTES = 2;
const FLOAT = 5;

export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];

  /** An integer ≥ 0, or an enumeration. */
  integer(field: number, value: number): this {
    this.#key(field, VARINT);
    this.#varint(value);
    return this;
  }

  /** An integer that may be negative: two's complement in ten bytes. */
  signed(field: number, value: number): this {
    if (value >= 0) return this.integer(field, value);
    this.#key(field, VARINT);
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    while (rest >= 128n) {
      bytes.push(Number(rest % 128n) + 128);
      rest /= 128n;
    }
    bytes.push(Number(rest));
    this.#parts.push(Uint8Array.from(bytes));
    return this;
  }

  float(field: number, value: number): this {
    this.#key(field, FLOAT);
    this.#parts.push(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#key(field, BYTES);
    this.#varint(value.length);
    this.#parts.push(value);
    return this;
  }

  message(field: number, value: ProtobufWriter): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array<ArrayBuffer> {
    const size = this.#parts.reduce((sum, { length }) => sum + length, 0);
    const whole = new Uint8Array(size);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #key(field: number, wire: number): void {
    this.#varint(field * 8 + wire);
  }

  #varint(value: number): void {
    const bytes: number[] = [];
    let rest = value;
    while (rest >= 128) {
      bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
    this.#parts.push(Uint8Array.from(bytes));
  }
}
