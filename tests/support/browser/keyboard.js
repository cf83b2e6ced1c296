// The keyboard's way over the page: what can be done here, where the focus is, and whether that can be seen.
({
  // Numbers everything that can be used, takes down how it looks without the focus, and says what there is.
  begin() {
    const usable = "a[href], button, input:not([type=hidden]), select, textarea, summary, audio[controls], [tabindex]";
    document.activeElement?.blur();
    globalThis.stops = [...document.querySelectorAll(usable)].filter(
      (one) => one.tabIndex >= 0 && !one.disabled && one.getClientRects().length && one.checkVisibility() && getComputedStyle(one).visibility !== "hidden",
    );
    globalThis.looked = new Map(stops.map((one) => [one, looks(one)]));
    return stops.map((one) => [named(one), group(one)]);
  },

  // Which of them has the focus (-1: none of them), and what is wrong with how that shows.
  now() {
    const one = document.activeElement, number = stops.indexOf(one);
    if (number < 0) return [number, []];
    const box = shown(one).getBoundingClientRect(), wrong = [];
    if (looks(one) === looked.get(one)) wrong.push(`${named(one)} looks the same with the focus`);
    if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) wrong.push(`${named(one)} has the focus out of sight`);
    else if (covered(one, box)) wrong.push(`${named(one)} has the focus beneath something else`);
    return [number, wrong];
  },
});

// A box that is ticked is often drawn by its label.
function shown(one) {
  const box = one.getBoundingClientRect();
  return (box.width <= 1 || box.height <= 1 || getComputedStyle(one).opacity === "0") && one.labels?.[0] ? one.labels[0] : one;
}
function looks(one) {
  const label = one.closest("label") ?? one.labels?.[0];
  return [one, one.nextElementSibling, label, ...(label?.querySelectorAll("*") ?? [])].filter(Boolean).map(drawn).join("|");
}
function drawn(one) {
  const style = getComputedStyle(one);
  const outline = style.outlineStyle === "none" || style.outlineWidth === "0px" ? "" : `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor}`;
  return [outline, style.boxShadow, style.borderColor, style.borderWidth, style.backgroundColor, style.textDecorationLine].join();
}
function covered(one, box) {
  const top = document.elementFromPoint(
    Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1), Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 1));
  return top !== null && !one.contains(top) && !top.contains(one) && ![...(one.labels ?? [])].some((label) => label.contains(top) || top.contains(label));
}
function group(one) { return one.type === "radio" ? `radio ${one.name}` : ""; }
function named(one) {
  const text = one.getAttribute("aria-label") || one.labels?.[0]?.textContent || one.textContent || one.value || one.name || "";
  return `${one.tagName.toLowerCase()} “${text.trim().replace(/\s+/g, " ").slice(0, 40)}”`;
}
