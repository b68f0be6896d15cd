// SPDX-License-Identifier: GPL-2.0-or-later
// From a digest to a released mail in Chromium, as a user who has not signed in does it:
// node portal_clicks.js MODULES DIGEST.html DIRECTORY USER PASSWORD SUBJECT.  Takes a picture before each click and after
// the last, and prints, as JSON, what was clicked and what the page said in the end.
const [modules, digest, directory, user, password, subject] = process.argv.slice(2);
const puppeteer = require(modules + "/puppeteer-core");

(async () => {
  const browser = await puppeteer.launch({ executablePath: "/usr/bin/chromium", headless: true,
                                           args: ["--no-sandbox", "--ignore-certificate-errors", "--disable-gpu"] });
  const page = await browser.newPage();
  await page.setViewport({ width: 800, height: 600 });
  const clicked = [];
  const picture = (name) => page.screenshot({ path: `${directory}/clicks-${clicked.length}-${name}.png`, fullPage: true });
  async function click(element) {
    clicked.push(await element.evaluate((each) => each.textContent.trim()));
    await Promise.all([page.waitForNavigation(), element.click()]);
  }
  await page.goto("file://" + digest);
  await picture("digest");
  const item = (await page.$$("li")).map(async (each) => [each, await each.evaluate((one) => one.textContent)]);
  const [entry] = (await Promise.all(item)).find(([, text]) => text.includes(subject));
  await click(await entry.$("a"));
  await page.type("#user", user);  // as the browser fills it in for who let it remember
  await page.type("#password", password);
  await picture("sign-in");
  await click(await page.$("main button"));
  await picture("message");
  await click(await page.$("article form[action='/quarantine/release'] button"));
  await picture("released");
  const said = await page.$eval("[role=status]", (each) => each.textContent.trim());
  await browser.close();
  console.log(JSON.stringify({ clicked, said }));
})().catch((fault) => { console.error(fault); process.exit(1); });
