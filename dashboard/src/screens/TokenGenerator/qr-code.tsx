import { useMemo } from 'react';
import { drawQrCode, kQrBytesMax } from '../../tokens/qr';

export default function QrCode({ text }: { text: string }) {
  const code = useMemo(() => drawQrCode(text), [text]);
  if (code === null) {
    return (
      <p className="soft">
        This token has {text.length} characters. A QR code holds {kQrBytesMax}.
      </p>
    );
  }
  return (
    <figure className="qr-code">
      <svg
        viewBox={`0 0 ${code.size} ${code.size}`}
        role="img"
        aria-label="QR code that holds the token"
        shapeRendering="crispEdges"
      >
        <rect width={code.size} height={code.size} fill="#fff" />
        <path d={code.path} fill="#000" />
      </svg>
      <figcaption className="small soft">Holds the token alone, for a phone’s camera.</figcaption>
    </figure>
  );
}
