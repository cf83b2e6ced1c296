// What reaches over an edge, and which names are broken over lines. Returns sentences, none if all is well.
({
  overflow() {
    const edge = document.documentElement.clientWidth, found = [];
    const wide = document.scrollingElement.scrollWidth;
    if (wide > edge) found.push(`the page is ${wide} wide and its window ${edge}`);
    for (const one of document.querySelectorAll("body *")) {
      const style = getComputedStyle(one), cuts = style.overflowX === "hidden" || style.overflowX === "clip";
      const box = cuts ? one.getBoundingClientRect() : reach(one);
      if (box.right - box.left <= 1 || style.visibility === "hidden" || clipped(one) || aside(one)) continue;
      if (cuts && speaks(one) && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1)
        found.push(`${named(one)} is cut: ${one.scrollWidth} in ${one.clientWidth}`);
      if (box.right > edge + 0.5 || box.left < -0.5)
        found.push(`${named(one)} reaches from ${Math.round(box.left)} to ${Math.round(box.right)} of ${edge}`);
    }
    return found;

    // The element's box together with its own text, which may stand out of it.
    function reach(one) {
      const range = document.createRange(), box = one.getBoundingClientRect();
      const boxes = [...one.childNodes].filter((node) => node.nodeType === 3 && node.data.trim()).map((node) => {
        range.selectNodeContents(node);
        return range.getBoundingClientRect();
      });
      return { left: Math.min(box.left, ...boxes.map((b) => b.left)), right: Math.max(box.right, ...boxes.map((b) => b.right)) };
    }
    // Inside of something that scrolls by itself, or that is meant to be cut, such as a picture.
    function clipped(one) {
      for (let up = one.parentElement; up && up !== document.body; up = up.parentElement)
        if (getComputedStyle(up).overflowX !== "visible" || up.tagName === "svg") return true;
      return false;
    }
    // A link that is drawn outside until it is focused.
    function aside(one) {
      const link = one.closest("a[href^='#']");
      const box = link?.getBoundingClientRect();
      return box !== undefined && (box.bottom <= 0 || box.right <= 0);
    }
    function speaks(one) { return [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()); }
    function named(one) {
      const text = one.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
      const kind = one.tagName.toLowerCase() + (one.getAttribute("class") ? "." + one.getAttribute("class").split(" ").join(".") : "");
      return text ? `${kind} “${text}”` : kind;
    }
  },

  broken(names) {
    const found = [];
    for (const one of document.querySelectorAll(".nb"))
      if (lines([...one.getClientRects()]) > 1) found.push(`“${one.textContent.trim()}” is broken over lines`);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      for (const name of names)
        for (let at = node.data.indexOf(name); at >= 0; at = node.data.indexOf(name, at + 1)) {
          // Between its words a long name may go on in the next line.
          for (const word of name.matchAll(/\S+/g)) {
            const range = document.createRange();
            range.setStart(node, at + word.index);
            range.setEnd(node, at + word.index + word[0].length);
            const boxes = [...range.getClientRects()], room = node.parentElement.closest("p, h1, h2, h3, li, dd, dt, td, div, main").clientWidth;
            const whole = boxes.reduce((sum, box) => sum + box.width, 0);  // what is wider than its line has to be broken
            if (lines(boxes) > 1 && whole <= room) found.push(`“${name}” is broken over lines`);
          }
        }
    return [...new Set(found)];

    function lines(boxes) {
      const tops = boxes.filter((box) => box.width > 0).map((box) => box.top).sort((a, b) => a - b);
      return tops.filter((top, n) => n === 0 || top - tops[n - 1] > 4).length;
    }
  },
})
