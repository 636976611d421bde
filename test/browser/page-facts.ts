/** What a browser is asked about a page. These run in the page, so they use nothing from outside themselves. */

/** A text that is hard to read on its ground. */
export interface FaintText {
  text: string;
  contrast: number;
}

/** Every text whose contrast with its ground is less than 4.5 (WCAG 2.2, 1.4.3). */
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
  const groundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const ground = rgb(getComputedStyle(at).backgroundColor);
      if (ground.a === 1) return ground;
      if (ground.a > 0) throw new Error("a ground that is half transparent is not foreseen");
    }
    return { r: 255, g: 255, b: 255 };
  };
  const faint = [];
  for (const element of document.querySelectorAll("main, main *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
    if (text === "" || element.closest("svg, caption") !== null) continue;
    const [one, other] = [luminance(rgb(getComputedStyle(element).color)), luminance(groundOf(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) faint.push({ text, contrast });
  }
  return faint;
})()`;

/** Every element whose content goes beyond it, and is cut off or covered there; what is for screen readers only aside. */
export const CLIPPED = `[...document.querySelectorAll("main *")]
  .filter((element) => {
    const { overflowX, clipPath, display } = getComputedStyle(element);
    const isMeant = ["auto", "scroll"].includes(overflowX) || clipPath !== "none" || element.closest("svg, thead, .ticks");
    return !isMeant && display !== "inline" && element.scrollWidth > element.clientWidth + 1;
  })
  .map((element) => element.outerHTML.slice(0, 100))`;

/** Pairs of neighbours on the timeline's axis that run into one another. */
export const TICKS_TOGETHER = `(() => {
  const ticks = [...document.querySelectorAll(".ticks span")].map((tick) => tick.getBoundingClientRect());
  return ticks.filter((tick, index) => index > 0 && tick.left < ticks[index - 1].right + 2).length;
})()`;

/** Texts beside a foreign one whose letters run from right to left. */
export const TURNED = `[...document.querySelectorAll("bdi")].flatMap(({ nextSibling }) => {
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

/** How far the ends of the timeline's axis lie from those of its lanes. */
export const AXIS_OFF = `(() => {
  const lane = document.querySelector(".lane svg").getBoundingClientRect();
  const axis = document.querySelector(".axis .ticks").getBoundingClientRect();
  return Math.max(Math.abs(lane.left - axis.left), Math.abs(lane.right - axis.right));
})()`;

/** How many pixels the page itself goes beyond the window to the side, and what it is that does. */
export const SIDEWAYS = `(() => {
  const width = document.documentElement.clientWidth;
  const isInside = (element) => {
    for (let at = element.parentElement; at !== null; at = at.parentElement) {
      if (["auto", "hidden", "scroll"].includes(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  };
  const wide = [...document.querySelectorAll("main *")]
    .filter((element) => element.getBoundingClientRect().right > width + 0.5 && !isInside(element))
    .map((element) => element.outerHTML.slice(0, 100));
  return { beyond: document.documentElement.scrollWidth - width, wide };
})()`;
