// Every text that a reader of the page's language is given, on the screen or read aloud; what is of another language is left out.
() => {
  const ours = document.documentElement.lang.split("-")[0], texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (!node.parentElement.closest("script, style, template") && meant(node.parentElement)) texts.push(node.data);
  for (const one of document.querySelectorAll("body *")) {
    if (!meant(one)) continue;
    for (const name of ["title", "aria-label", "aria-description", "alt", "placeholder"]) texts.push(one.getAttribute(name) ?? "");
    if (one.matches("input[type=submit], input[type=button]")) texts.push(one.value);
  }
  return texts.map((text) => text.replace(/\s+/g, " ").trim()).filter(Boolean);

  function meant(one) {
    const language = one.closest("[lang]").lang.split("-")[0];
    return language === ours && !one.closest("[translate=no]");
  }
}
