// Pictures of pixels on a canvas.

/** Puts a picture, whose values are from 0 (black) to 1 (white), on a canvas. */
export function putPixels(canvas, values, width, left = 0, top = 0) {
  const image = new ImageData(width, values.length / width);
  values.forEach((value, i) => {
    // A clamped array rounds, and takes what is no number for 0.
    image.data.fill(255 * value, 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  });
  canvas.getContext('2d').putImageData(image, left, top);
}

/** Offers a canvas as a PNG file, each pixel so many pixels wide and high. */
export function savePng(canvas, scale, name) {
  const large = document.createElement('canvas');
  [large.width, large.height] = [canvas.width * scale, canvas.height * scale];
  const context = large.getContext('2d');
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, large.width, large.height);
  large.toBlob((blob) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }, 'image/png');
}
