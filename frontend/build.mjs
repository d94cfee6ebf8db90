/**
 * Writes the style sheet, the fonts and the script of the portal from the installed packages:
 * only the components that the templates use, and only the design tokens that those components read.
 *
 *   npm ci && node build.mjs        (or `npm ci --omit=dev` without the accessibility checker of the tests)
 */
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "node_modules");
const target = join(here, "..", "zorgspiegel", "portal", "static", "portal", "vendor");

const components = [
  "alert", "breadcrumb-nav", "button", "data-badge", "form-field", "form-field-description",
  "form-field-error-message", "form-label", "heading-1", "heading-2", "heading-3", "link", "page-body",
  "page-footer", "page-header", "paragraph", "select", "separator", "skip-link", "table", "textbox",
  "unordered-list",
];
const fonts = [
  ["source-sans-3", "Source Sans 3", 400],
  ["source-sans-3", "Source Sans 3", 600],
  ["source-serif-4", "Source Serif 4", 600],
];

const read = (...path) => readFileSync(join(packages, ...path), "utf8");

/** Comments out, white space to one space. Licences are named once, in LICENSES.txt. */
const squeeze = (css) =>
  css.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\s+/g, " ").replace(/ ?([{};,]) ?/g, "$1").replace(/: /g, ":").trim();

/** Names of all custom properties that this piece of CSS reads. */
const reads = (css) => new Set([...css.matchAll(/var\(\s*(--[\w-]+)/g)].map((match) => match[1]));

/** The tokens that are needed to answer `wanted`, also those that tokens themselves refer to. */
function neededTokens(wanted, theme) {
  const needed = new Map();
  const queue = [...wanted];
  while (queue.length) {
    const name = queue.pop();
    const value = theme.get(name);
    if (value === undefined || needed.has(name)) continue;
    needed.set(name, value);
    queue.push(...reads(value));
  }
  return [...needed].sort(([a], [b]) => (a < b ? -1 : 1));
}

const componentCss = components.map((name) => squeeze(read("@utrecht", `${name}-css`, "dist", "index.css"))).join("");
const ownCss = readFileSync(join(here, "..", "zorgspiegel", "portal", "static", "portal", "portal.css"), "utf8");
const themeCss = read("@nl-design-system-unstable", "voorbeeld-design-tokens", "dist", "theme.css");
const theme = new Map(
  [...squeeze(themeCss).matchAll(/(--[\w-]+):([^;{}]+)/g)].map((match) => [match[1], match[2].trim()]),
);
const tokens = neededTokens([...reads(componentCss), ...reads(ownCss)], theme);

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

const faces = fonts.map(([pack, family, weight]) => {
  const file = `${pack}-latin-${weight}-normal.woff2`;
  cpSync(join(packages, "@fontsource", pack, "files", file), join(target, file));
  return `@font-face{font-family:"${family}";font-weight:${weight};font-display:swap;src:url("${file}") format("woff2")}`;
});
const root = `:root{${tokens.map(([name, value]) => `${name}:${value}`).join(";")}}`;
writeFileSync(join(target, "nlds.css"), `${faces.join("")}${root}${componentCss}\n`);
cpSync(join(packages, "htmx.org", "dist", "htmx.min.js"), join(target, "htmx.min.js"));

const licences = [
  "@nl-design-system-unstable/voorbeeld-design-tokens",
  ...components.map((name) => `@utrecht/${name}-css`),
  "@fontsource/source-sans-3", "@fontsource/source-serif-4", "htmx.org",
].map((name) => {
  const { version, license } = JSON.parse(read(name, "package.json"));
  return `${name} ${version}: ${license}`;
});
writeFileSync(join(target, "LICENSES.txt"), `${licences.join("\n")}\n`);
console.log(`nlds.css: ${components.length} components, ${tokens.length} tokens, ${statSync(join(target, "nlds.css")).size} bytes`);
