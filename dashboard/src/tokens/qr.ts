import qrcode from 'qrcode-generator';

/** A QR code as it is drawn: dark squares in a grid of `size` by `size`, as one path of SVG. */
export interface QrCode {
  size: number;
  path: string;
}

/** The most bytes that a QR code holds (ISO/IEC 18004, version 40, level L). */
export const kQrBytesMax = 2953;

/** What scanners want around it, in squares. */
export const kQuietZone = 4;

/** Null where the text, of ASCII characters, is too long for one. */
export function drawQrCode(text: string): QrCode | null {
  if (text.length > kQrBytesMax) return null;
  // The smallest that holds it, at the lowest level of correction: it is scanned from a screen.
  const code = qrcode(0, 'L');
  code.addData(text, 'Byte');
  code.make();
  const count = code.getModuleCount();
  let path = '';
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1) {
      let width = 0;
      while (column + width < count && code.isDark(row, column + width)) width += 1;
      if (width > 0) path += `M${column + kQuietZone} ${row + kQuietZone}h${width}v1h-${width}z`;
      column += width;
    }
  }
  return { size: count + 2 * kQuietZone, path };
}
