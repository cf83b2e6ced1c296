// Which letters of the page have no glyph: drawn as the box that the same font draws for a place in Unicode that is empty.
() => {
  const NOBODYS = "\u{10FFFD}", pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  pen.canvas.width = pen.canvas.height = 64;
  const drawn = new Map(), found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.getClientRects().length) continue;
    const style = getComputedStyle(node.parentElement);
    const font = `${style.fontWeight} 32px ${style.fontFamily}`;
    for (const letter of new Set(node.data))
      if (!/[\p{White_Space}\p{Cf}\p{Mn}\p{Mc}]/u.test(letter) && picture(font, letter) === picture(font, NOBODYS))
        found.push(letter);
    for (const mark of node.data.match(/[\p{L}\p{So}]\p{M}+/gu) ?? [])
      if ([...mark].slice(1).some((one) => picture(font, mark[0] + one) === picture(font, mark[0] + NOBODYS))) found.push(mark);
  }
  return [...new Set(found)];

  function picture(font, text) {
    const key = `${font} ${text}`;
    if (!drawn.has(key)) {
      pen.clearRect(0, 0, 64, 64);
      pen.font = font;
      pen.fillText(text, 4, 44);
      drawn.set(key, pen.getImageData(0, 0, 64, 64).data.join());
    }
    return drawn.get(key);
  }
}
