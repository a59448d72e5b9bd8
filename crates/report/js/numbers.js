// Numbers from the page's data: base64 of little-endian values.

/** The bytes of base64 text. */
export function bytesOf(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Rows of values in sixteen bits each, as multiples of a step for each row. */
export function steppedValues({ values, steps }) {
  const bytes = new DataView(bytesOf(values).buffer);
  const all = new Float32Array(bytes.byteLength / 2);
  const each = singleValues(steps);
  const columns = all.length / each.length;
  for (let row = 0, i = 0; row < each.length; row++) {
    for (const end = i + columns; i < end; i++) all[i] = bytes.getInt16(2 * i, true) * each[row];
  }
  return all;
}

/** Single-precision values. */
export function singleValues(text) {
  const bytes = new DataView(bytesOf(text).buffer);
  const values = new Float32Array(bytes.byteLength / 4);
  for (let i = 0; i < values.length; i++) values[i] = bytes.getFloat32(4 * i, true);
  return values;
}

/** Rows of bits, as a Uint8Array of 0 and 1 for each row. A row begins with a new byte. */
export function bitRows(text, width) {
  const bytes = bytesOf(text);
  const each = Math.ceil(width / 8);
  const row = (start) => Uint8Array.from({ length: width }, (_, i) => (bytes[start + (i >> 3)] >> (i & 7)) & 1);
  return Array.from({ length: bytes.length / each }, (_, i) => row(i * each));
}
