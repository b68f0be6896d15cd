// SPDX-License-Identifier: GPL-2.0-or-later
// Looks at the portal's pages in Chromium: node portal_pages.js MODULES BASE DIRECTORY USER PASSWORD PATH...
// Signs in, takes a picture of each page (wide and narrow, light and dark) and prints what axe-core finds, as JSON.
const [modules, base, directory, user, password, ...paths] = process.argv.slice(2);
const puppeteer = require(modules + "/puppeteer-core");
const axe = require("fs").readFileSync(modules + "/axe-core/axe.min.js", "utf8");

const looks = [["wide-light", 1200, 800, "light"], ["wide-dark", 1200, 800, "dark"], ["narrow-light", 390, 844, "light"],
               ["narrow-dark", 390, 844, "dark"]];

async function look(page, name, found) {
  for (const [words, width, height, scheme] of looks) {
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.screenshot({ path: `${directory}/${name}-${words}.png`, fullPage: true });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    if (wider) found.push({ page: name, look: words, rule: "wider than the screen", nodes: [] });
    await page.evaluate(axe);
    const result = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"] }));
    if (result.passes.length === 0) throw new Error("axe-core looked at nothing");
    for (const each of result.violations) {
      found.push({ page: name, look: words, rule: each.id, nodes: each.nodes.slice(0, 3).map((node) => node.html) });
    }
  }
}

(async () => {
  const browser = await puppeteer.launch({ executablePath: "/usr/bin/chromium", headless: true,
                                           args: ["--no-sandbox", "--ignore-certificate-errors", "--disable-gpu"] });
  const found = [];
  const page = await browser.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" && /Content Security Policy/.test(message.text())) {
      found.push({ page: page.url(), rule: "blocked by the policy: " + message.text(), nodes: [] });
    }
  });
  await page.goto(base + "/login");
  await look(page, "login", found);
  await page.type("#user", user);
  await page.type("#password", password);
  await Promise.all([page.waitForNavigation(), page.click("main button")]);
  for (const path of paths) {
    await page.goto(base + path);
    await look(page, path.replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "") || "start", found);
  }
  // From the list to a released message: one click on the subject, one on the button.
  await page.goto(base + "/quarantine");
  await Promise.all([page.waitForNavigation(), page.click(".mail a.subject")]);
  await look(page, "message", found);
  await Promise.all([page.waitForNavigation(), page.click("article form[action='/quarantine/release'] button")]);
  await look(page, "released", found);
  // The address of a feed, shown once; then that there is one.
  await page.goto(base + "/feeds");
  await Promise.all([page.waitForNavigation(), page.click("main form button")]);
  await look(page, "feed-made", found);
  await page.goto(base + "/feeds");
  await look(page, "feed-there", found);
  // An edit and its diff.
  await page.goto(base + "/admin?table=networks");
  await page.$eval("#text", (area) => { area.value += "203.0.113.0/24 allow note=new provider\n"; });
  await Promise.all([page.waitForNavigation(), page.click("main form button")]);
  await look(page, "diff", found);
  await browser.close();
  console.log(JSON.stringify(found));
})().catch((fault) => { console.error(fault); process.exit(1); });
