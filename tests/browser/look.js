// What is wrong with the page, as a list of sentences. Runs in the page, by the browser's own door.
() => {
  const wrong = [];
  const visible = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
  const name = (element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") || ""} "${(element.textContent || "").trim().slice(0, 40)}"`;
  const width = document.documentElement.clientWidth;

  if (document.documentElement.scrollWidth > width) {
    wrong.push(`the page is ${document.documentElement.scrollWidth} wide, and the window ${width}`);
  }
  const scrolls = (element) => element.closest(".scroll") || element.closest(".skip") || element.closest(".defs");
  for (const element of document.body.querySelectorAll("*")) {
    if (!visible(element) || scrolls(element) || element.closest("svg")) { continue; }
    const box = element.getBoundingClientRect();
    if (box.right > width + 1 || box.left < -1) { wrong.push(`beyond the edge: ${name(element)}`); }
    if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== "visible") {
      wrong.push(`clipped: ${name(element)}`);
    }
  }

  for (const svg of document.querySelectorAll("svg[role=img]")) {
    if (!visible(svg)) { continue; }
    const frame = svg.getBoundingClientRect();
    const label = (svg.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id));
    if (label.length !== 2 || label.some((it) => !it || !it.textContent.trim())) { wrong.push("a picture without title and description"); }
    const shapes = [...svg.querySelectorAll("rect, circle")].filter((it) => it.getBoundingClientRect().width > 1 && it.getBoundingClientRect().height > 1);
    if (shapes.length === 0) { wrong.push(`an empty picture: ${label[0] && label[0].textContent}`); }
    for (const part of svg.querySelectorAll("text, rect, circle")) {
      const box = part.getBoundingClientRect();
      if (box.left < frame.left - 1.5 || box.right > frame.right + 1.5 || box.top < frame.top - 1.5 || box.bottom > frame.bottom + 1.5) {
        wrong.push(`cut off in a picture: ${name(part)}`);
      }
    }
    for (const text of svg.querySelectorAll("text")) {
      const size = parseFloat(getComputedStyle(text).fontSize) * frame.width / svg.viewBox.baseVal.width;
      if (size < 8.5) { wrong.push(`letters of ${size.toFixed(1)} px in a picture: ${name(text)}`); }
    }
  }

  const ids = [...document.querySelectorAll("[id]")].map((it) => it.id);
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) { wrong.push(`two of id ${id}`); }
  for (const region of document.querySelectorAll(".scroll")) {
    if (region.tabIndex !== 0 || !document.getElementById(region.getAttribute("aria-labelledby"))) { wrong.push("a table that a keyboard cannot scroll"); }
  }

  const channel = (value) => { const part = value / 255; return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; };
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const rgb = (text) => (text.match(/[\d.]+/g) || []).map(Number);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) { return colour; }
    }
    return [255, 255, 255];
  };
  for (const element of document.body.querySelectorAll("*")) {
    const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!says || !visible(element) || ["SCRIPT", "STYLE", "TITLE", "DESC", "title", "desc"].includes(element.tagName)) { continue; }
    const style = getComputedStyle(element);
    const colours = [rgb(element.closest("svg") ? style.fill : style.color), behind(element)].map(luminance).sort((a, b) => b - a);
    const contrast = (colours[0] + 0.05) / (colours[1] + 0.05);
    if (contrast < 4.5) { wrong.push(`a contrast of ${contrast.toFixed(2)}: ${name(element)}`); }
  }
  return wrong;
}
