/** Expressions that the browser evaluates in a page, so they cannot use anything from outside. */

/** Text with too little contrast to its background. */
export interface FaintText {
  text: string;
  contrast: number;
}

/** Strings whose contrast to the background is less than 4.5 (WCAG 2.2, 1.4.3). */
export const FAINT_TEXTS = `(() => {
  const rgb = (color) => {
    const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const luminance = ({ r, g, b }) => {
    const [red, green, blue] = [r, g, b].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const backgroundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const background = rgb(getComputedStyle(at).backgroundColor);
      if (background.a === 1) return background;
      if (background.a > 0) throw new Error("semi-transparent backgrounds are not supported");
    }
    return { r: 255, g: 255, b: 255 };
  };
  const faint = [];
  for (const element of document.querySelectorAll("main, main *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
    if (text === "" || element.closest("svg, caption") !== null) continue;
    const [one, other] = [luminance(rgb(getComputedStyle(element).color)), luminance(backgroundOf(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) faint.push({ text, contrast });
  }
  return faint;
})()`;

/** Elements with clipped content, except for content that only screen readers read. */
export const CLIPPED = `[...document.querySelectorAll("main *")]
  .filter((element) => {
    const { overflowX, clipPath, display } = getComputedStyle(element);
    const isIntended = ["auto", "scroll"].includes(overflowX) || clipPath !== "none" || element.closest("svg, thead, .ticks");
    return !isIntended && display !== "inline" && element.scrollWidth > element.clientWidth + 1;
  })
  .map((element) => element.outerHTML.slice(0, 100))`;

/** Number of neighbouring labels on the timeline's axis that overlap. */
export const OVERLAPPING_TICKS = `(() => {
  const ticks = [...document.querySelectorAll(".ticks span")].map((tick) => tick.getBoundingClientRect());
  return ticks.filter((tick, index) => index > 0 && tick.left < ticks[index - 1].right + 2).length;
})()`;

/** Strings next to an isolated one that run from right to left. */
export const REVERSED_TEXTS = `[...document.querySelectorAll("bdi")].flatMap(({ nextSibling }) => {
  if (nextSibling?.nodeType !== 3 || nextSibling.data.trim().length < 2) return [];
  const start = nextSibling.data.search(/\\S/);
  const left = (at) => {
    const range = document.createRange();
    range.setStart(nextSibling, at);
    range.setEnd(nextSibling, at + 1);
    return range.getBoundingClientRect().left;
  };
  return left(start + 1) > left(start) ? [] : [nextSibling.data];
})`;

/** Distance between the ends of the timeline's axis and those of its lanes, in pixels. */
export const AXIS_OFFSET = `(() => {
  const lane = document.querySelector(".lane svg").getBoundingClientRect();
  const axis = document.querySelector(".axis .ticks").getBoundingClientRect();
  return Math.max(Math.abs(lane.left - axis.left), Math.abs(lane.right - axis.right));
})()`;

/** Number of pixels by which the page is wider than the window, and the elements that are. */
export const HORIZONTAL_OVERFLOW = `(() => {
  const width = document.documentElement.clientWidth;
  const isInside = (element) => {
    for (let at = element.parentElement; at !== null; at = at.parentElement) {
      if (["auto", "hidden", "scroll"].includes(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  };
  const elements = [...document.querySelectorAll("main *")]
    .filter((element) => element.getBoundingClientRect().right > width + 0.5 && !isInside(element))
    .map((element) => element.outerHTML.slice(0, 100));
  return { pixels: document.documentElement.scrollWidth - width, elements };
})()`;
